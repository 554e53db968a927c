import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { CommitPace } from './commit-pace.ts'
import { PacedCommits } from './paced-commits.ts'

/** A pace of 60 ms. */
function slowPace(): CommitPace {
  const pace = new CommitPace()
  pace.count({ appends: 1_000, rooms: 1_000 })
  pace.set(100, 1)
  assert.equal(pace.ms, 60)
  return pace
}

test('a commit that comes alone is run at once, the next one when its time has come', async (t) => {
  const commits = new PacedCommits(slowPace())
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const run: string[] = []
  await new Promise<void>((resolve) =>
    commits.defer(() => {
      run.push('first')
      commits.defer(() => run.push('second'))
      resolve()
    }),
  )
  await turn()
  assert.deepEqual(run, ['first'])
  t.mock.timers.tick(60)
  assert.deepEqual(run, ['first', 'second'])
})

test('what commits hold is counted', () => {
  const pace = new CommitPace()
  const commits = new PacedCommits(pace)
  commits.onCommit({ appends: 500, rooms: 500 })
  commits.onCommit({ appends: 500, rooms: 500 })
  pace.set(500, 1)
  assert.equal(pace.ms, 60)
})
