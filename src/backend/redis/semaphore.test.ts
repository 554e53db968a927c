import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Semaphore } from './semaphore.ts'

test('so much is done at a time, in the order it came, and what fails makes room too', async () => {
  const semaphore = new Semaphore(2)
  const begun: number[] = []
  const works = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<number>())
  const results = works.map(({ promise }, index) =>
    semaphore.run(() => {
      begun.push(index)
      return promise
    }),
  )
  assert.deepEqual(begun, [0, 1])
  works[1]?.reject(new Error('failed'))
  await assert.rejects(results[1]!, { message: 'failed' })
  assert.deepEqual(begun, [0, 1, 2])
  for (const [index, { resolve }] of works.entries()) resolve(index)
  assert.deepEqual(await Promise.all([results[0], results[2], results[3], results[4]]), [0, 2, 3, 4])
  assert.equal(await semaphore.run(async () => 'at once'), 'at once')
})
