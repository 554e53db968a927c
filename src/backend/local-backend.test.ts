import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Key, MessageId, RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { Append, Appended } from './backend.ts'
import { nodeEnvironment } from './environment.ts'
import type { Commit } from './group-commit.ts'
import { LocalBackend } from './local-backend.ts'
import type { LogStore } from './log-store.ts'
import { MemoryStore } from './memory-store.ts'
import { openSqliteStore } from './sqlite.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

function write(number: number): Append {
  return {
    room: 'tea' as RoomId,
    sender: 'ada' as UserId,
    key: `key-${number}` as Key,
    digest: '',
    messageId: `m${number}-${Math.random()}` as MessageId,
    body: '{}',
  }
}

function isDuplicate(appended: Appended): boolean {
  return appended.status === 'appended' && appended.duplicate
}

function testForgetting(openStore: (t: TestContext) => LogStore): void {
  test('keys are forgotten after 24 hours, a batch with each group of appends, until none that old is left', async (t) => {
    let now = Date.UTC(2030, 0, 1)
    const backend = new LocalBackend(openStore(t), { ...nodeEnvironment, now: () => now })
    t.after(() => backend.close())
    await Promise.all(Array.from({ length: 500 }, (_, number) => backend.append(write(number))))
    now += DAY_MS
    assert.ok(isDuplicate(await backend.append(write(0))))
    now += 1
    for (const number of [1_000, 1_001, 1_002]) await backend.append(write(number))
    const again = await Promise.all([0, 250, 499, 1_000].map((number) => backend.append(write(number))))
    assert.deepEqual(again.map(isDuplicate), [false, false, false, true])
  })

  test('a large group forgets more than it adds', async (t) => {
    let now = Date.UTC(2030, 0, 1)
    const backend = new LocalBackend(openStore(t), { ...nodeEnvironment, now: () => now })
    t.after(() => backend.close())
    const group = (from: number): Promise<Appended[]> =>
      Promise.all(Array.from({ length: 300 }, (_, index) => backend.append(write(from + index))))
    await group(0)
    await group(300)
    now += DAY_MS + 1
    await group(600)
    assert.ok(!isDuplicate(await backend.append(write(599))))
  })

  test('a clock that was set back does not stop the forgetting', async (t) => {
    let now = Date.UTC(2040, 0, 1)
    const backend = new LocalBackend(openStore(t), { ...nodeEnvironment, now: () => now })
    t.after(() => backend.close())
    await backend.append(write(1))
    now = Date.UTC(2030, 0, 1)
    await backend.append(write(2))
    now += DAY_MS + 1
    await backend.append(write(3))
    assert.ok(isDuplicate(await backend.append(write(1))))
    assert.ok(!isDuplicate(await backend.append(write(2))))
  })
}

test('the schedule of commits is told how many appends each holds, and how many rooms it changed', async (t) => {
  const commits: Commit[] = []
  const schedule = { ...nodeEnvironment, onCommit: (commit: Commit) => void commits.push(commit) }
  const backend = new LocalBackend(new MemoryStore(nodeEnvironment), nodeEnvironment, schedule)
  t.after(() => backend.close())
  const elsewhere = { ...write(3), room: 'rust' as RoomId }
  await Promise.all([write(1), write(2), elsewhere].map((append) => backend.append(append)))
  await backend.append(write(1))
  await Promise.all([backend.append(write(4)), backend.trim('rust' as RoomId, 1 as Seq)])
  assert.deepEqual(commits, [
    { appends: 3, rooms: 2 },
    { appends: 0, rooms: 0 },
    { appends: 1, rooms: 2 },
  ])
})

suite('over memory', () => testForgetting(() => new MemoryStore(nodeEnvironment)))

suite('over SQLite', () =>
  testForgetting((t) => {
    const folder = mkdtempSync(join(tmpdir(), 'natter-sqlite-'))
    t.after(() => rmSync(folder, { recursive: true }))
    return openSqliteStore(join(folder, 'natter.db'), nodeEnvironment)
  }),
)
