import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPacedEnvironment, paceAt } from './environment.ts'

test('the busier the process, the further apart are its turns', () => {
  const paces = [0, 0.25, 0.5, 0.65, 0.8, 1].map((utilization) => Math.round(paceAt(utilization)))
  assert.deepEqual(paces, [12, 12, 12, 16, 20, 20])
})

test('each deferred task runs once, those that have to wait too', async () => {
  const environment = createPacedEnvironment()
  const run: string[] = []
  const done = (name: string): Promise<void> =>
    new Promise((resolve) =>
      environment.defer(() => {
        run.push(name)
        resolve()
      }),
    )
  await done('first')
  await Promise.all(['second', 'third', 'fourth'].map(done))
  assert.deepEqual(run.toSorted(), ['first', 'fourth', 'second', 'third'])
})
