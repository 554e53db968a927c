import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitPace } from './commit-pace.ts'

/** The pace after a second in which the event loop worked for a share of `utilization` and each room had its appends in one commit. */
function paceAfter(utilization: number, appends = 0, rooms = 0): number {
  const pace = new CommitPace()
  pace.count(appends, rooms)
  pace.set(1_000, utilization)
  return Math.round(pace.ms)
}

test('the busier the process, the further apart are its commits', () => {
  const paces = [0, 0.5, 0.65, 0.8, 1].map((utilization) => paceAfter(utilization, 10_000, 1))
  assert.deepEqual(paces, [12, 12, 16, 20, 20])
})

test('the fewer appends to a room a commit holds, the further apart commits are in a busy process', () => {
  const appends = 10_000
  const paces = [1, 1.25, 1.5, 2, 10].map((each) =>
    [0.5, 0.65, 0.8].map((load) => paceAfter(load, appends, appends / each)),
  )
  assert.deepEqual(paces, [
    [12, 36, 60],
    [12, 31, 50],
    [12, 26, 40],
    [12, 16, 20],
    [12, 16, 20],
  ])
})

test('where few appends come, and the process is busy with something else, that changes little', () => {
  const paces = [30, 500, 1_000, 2_000, 5_000].map((appends) => paceAfter(1, appends, appends))
  assert.deepEqual(paces, [21, 30, 40, 60, 60])
})

test('each pace is set by what came since the last one', () => {
  const pace = new CommitPace()
  pace.count(200, 190)
  pace.count(200, 190)
  pace.set(100, 0.9)
  assert.ok(pace.ms > 50)
  pace.set(100, 0.9)
  assert.equal(pace.ms, 20)
  pace.set(100, 0.1)
  assert.equal(pace.ms, 12)
})
