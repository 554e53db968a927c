import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

test('work on one thing runs in turn, also after work that failed, and work on another thing does not wait', async () => {
  const turns = new Turns()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.take('a', async () => {
    await gate.promise
    done.push('a1')
    throw new Error('broken')
  })
  const second = turns.take('a', async () => done.push('a2'))
  await turns.take('b', async () => done.push('b1'))
  gate.resolve()
  await assert.rejects(first, /broken/)
  await second
  await turns.take('a', async () => done.push('a3'))
  assert.deepEqual(done, ['b1', 'a1', 'a2', 'a3'])
})

/** One turn that is under way until `release()`, and one behind it that gives up. */
async function oneUnderWay(
  turns: Turns,
  done: string[],
): Promise<{ readonly first: Promise<void>; readonly release: () => void }> {
  const gate = Promise.withResolvers<void>()
  const first = turns.take('a', async () => {
    await gate.promise
    done.push('a1')
  })
  const impatient = turns.take(
    'a',
    async () => done.push('a2'),
    () => Promise.reject(new Error('too long')),
  )
  await assert.rejects(impatient, /too long/)
  return { first, release: gate.resolve }
}

test('who asks after somebody gave up waiting still has the turn before that to wait for', async () => {
  const turns = new Turns()
  const done: string[] = []
  const { first, release } = await oneUnderWay(turns, done)
  const third = turns.take('a', async () => done.push('a3'))
  // A thing that nobody has in hand is begun at once, so whoever may begin has by then.
  await turns.take('b', async () => done.push('b1'))
  assert.deepEqual(done, ['b1'])
  release()
  await Promise.all([first, third])
  assert.deepEqual(done, ['b1', 'a1', 'a3'])
})

test('who does not wait for their turn hands it on when it comes, and no sooner', async () => {
  const turns = new Turns()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.take('a', async () => {
    await gate.promise
    done.push('a1')
  })
  const impatient = turns.take(
    'a',
    async () => done.push('a2'),
    () => Promise.reject(new Error('too long')),
  )
  const third = turns.take('a', async () => done.push('a3'))
  await assert.rejects(impatient, /too long/)
  gate.resolve()
  await Promise.all([first, third])
  assert.deepEqual(done, ['a1', 'a3'])
})
