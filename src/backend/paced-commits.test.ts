import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Key, MessageId, RoomId, UserId } from '../protocol/ids.ts'
import type { Append, BackendEnvironment } from './backend.ts'
import { CommitPace } from './commit-pace.ts'
import { nodeEnvironment } from './environment.ts'
import { PacedCommits } from './paced-commits.ts'
import { createSqliteBackend } from './sqlite.ts'

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

test('the pace is set by what the process did beside commits, over 100 ms or more', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  t.mock.method(performance, 'eventLoopUtilization', () => ({ idle: 0, active: 0, utilization: 0.9 }))
  const pace = new CommitPace()
  const commits = new PacedCommits(pace)
  const commitAt = (at: number, takingMs: number): Promise<void> =>
    new Promise((resolve) => {
      now = at
      commits.defer(() => {
        commits.onCommit({ appends: 1_000, rooms: 1_000 })
        now += takingMs
        resolve()
      })
    })
  await commitAt(80, 10)
  assert.equal(pace.ms, 12)
  await commitAt(190, 10)
  assert.equal(pace.ms, 60)
  await commitAt(320, 80)
  assert.equal(pace.ms, 12)
})

test('SQLite commits at a pace, unless it is given an environment, which tells when', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'natter-paced-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const setTimer = t.mock.method(globalThis, 'setTimeout')
  const timersOf = async (environment?: BackendEnvironment): Promise<number> => {
    setTimer.mock.resetCalls()
    const backend = createSqliteBackend({ file: join(folder, `${environment ? 'given' : 'own'}.db`), environment })
    // One commit that is quicker than the pace is enough to find the next one held back.
    for (let number = 0; number < 50 && setTimer.mock.callCount() === 0; number++) await backend.append(write(number))
    await backend.close()
    return setTimer.mock.callCount()
  }
  assert.equal(await timersOf(), 1)
  assert.equal(await timersOf(nodeEnvironment), 0)
})

function write(number: number): Append {
  return {
    room: 'tea' as RoomId,
    sender: 'ada' as UserId,
    key: `key-${number}` as Key,
    digest: '',
    messageId: `m${number}` as MessageId,
    body: '{}',
  }
}
