import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitPace } from './commit-pace.ts'

/** The pace after two seconds in which the event loop worked for a share of `utilization` and commits, at the pace of a busy process, held so much. */
function paceAfter(utilization: number, appends: number, rooms: number): number {
  const pace = new CommitPace()
  pace.set(1_000, 1)
  assert.equal(pace.ms, 20)
  pace.count({ appends, rooms })
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

test('the fewer appends come at all, the less a busy process waits for scattered ones', () => {
  const paces = [30, 500, 1_000, 2_000, 5_000].map((appends) => paceAfter(1, appends, appends))
  assert.deepEqual(paces, [21, 30, 40, 60, 60])
})

test('each pace is set by what came since the last one', () => {
  const pace = new CommitPace()
  pace.count({ appends: 200, rooms: 190 })
  pace.count({ appends: 200, rooms: 190 })
  pace.set(100, 0.9)
  assert.ok(pace.ms > 50)
  pace.set(100, 0.9)
  assert.equal(pace.ms, 20)
  pace.set(100, 0.1)
  assert.equal(pace.ms, 12)
})

test('under one load the pace comes to rest, however many rooms there are', () => {
  const appendsPerMs = 5
  for (const rooms of [10, 50, 100, 125, 200, 500, 5_000]) {
    const pace = new CommitPace()
    const paces = Array.from({ length: 20 }, () => {
      // What comes to a room at random: a commit has that of some rooms, and nothing of the others.
      const appends = appendsPerMs * pace.ms
      pace.count({ appends, rooms: rooms * (1 - Math.exp(-appends / rooms)) })
      pace.set(appends / appendsPerMs, 1)
      return pace.ms
    })
    const [before, last] = paces.slice(-2)
    assert.ok(Math.abs(last! - before!) < 0.5, `${rooms} rooms: ${paces.map(Math.round).join(' ')}`)
  }
})
