import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitPace } from './commit-pace.ts'
import { PacedCommits } from './paced-commits.ts'

test('each commit runs once, whether it comes alone or right behind others', async () => {
  const commits = new PacedCommits()
  const run: string[] = []
  const done = (name: string): Promise<void> =>
    new Promise((resolve) =>
      commits.defer(() => {
        run.push(name)
        resolve()
      }),
    )
  await done('first')
  await Promise.all(['second', 'third', 'fourth'].map(done))
  assert.deepEqual(run.toSorted(), ['first', 'fourth', 'second', 'third'])
})

test('the pace is set by what the commits held', () => {
  const pace = new CommitPace()
  const commits = new PacedCommits(pace)
  commits.onCommit({ appends: 300, rooms: 200 })
  commits.onCommit({ appends: 300, rooms: 300 })
  pace.set(100, 1)
  assert.equal(Math.round(pace.ms), 52)
})
