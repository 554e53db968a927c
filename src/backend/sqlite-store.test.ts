import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Epoch, Key, MessageId, RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { Append, Change } from './backend.ts'
import { nodeEnvironment } from './environment.ts'
import { LocalBackend } from './local-backend.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { MIGRATIONS } from './sqlite-schema.ts'
import { prepareStatements } from './sqlite-statements.ts'
import { SqliteStore } from './sqlite-store.ts'

const TEA = 'tea' as RoomId

const ignore = (): void => {}

function write(number: number, text = ''): Append {
  const name = String(number).padStart(8, '0')
  return {
    room: TEA,
    sender: 'ada' as UserId,
    key: `key-${name}` as Key,
    digest: '',
    messageId: `m${name}` as MessageId,
    body: JSON.stringify({ text }),
  }
}

test('appends that the disk has no room for are refused and told to nobody; with room again, all goes on', async (t) => {
  const { database, backend } = openLog(t)
  await backend.append(write(0))
  const before = await backend.head(TEA)
  const published: Change[] = []
  await backend.subscribe(TEA, {
    onChange: (change) => published.push(change),
    onSignal: ignore,
    onMembers: ignore,
    onMarker: ignore,
    onReset: ignore,
  })

  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  database.exec(`PRAGMA max_page_count = ${pages + 2}`)
  const group = [write(1, 'short'), write(2, 'x'.repeat(50_000)), write(3, 'short')]
  for (const answer of group.map((one) => backend.append(one))) {
    await assert.rejects(answer, (error) => {
      assert.ok(error instanceof Error && 'code' in error && 'retryAfterMs' in error)
      assert.equal(error.code, 'unavailable')
      assert.ok(Number(error.retryAfterMs) > 0 && Number(error.retryAfterMs) <= 5_000)
      assert.match(String(error.cause), /database or disk is full/)
      return true
    })
  }
  assert.equal(published.length, 0)
  assert.deepEqual(await backend.head(TEA), before)
  assert.deepEqual(
    (await backend.readPage(TEA, { limit: 9 })).messages.map(({ seq }) => seq),
    [1],
  )

  database.exec('PRAGMA max_page_count = 1000000')
  const answers = await Promise.all(group.map((one) => backend.append(one)))
  assert.deepEqual(
    answers.map((answer) => answer.status === 'appended' && [answer.position.seq, answer.duplicate]),
    [
      [2, false],
      [3, false],
      [4, false],
    ],
  )
  assert.deepEqual(
    published.map(({ position }) => position.seq),
    [2, 3, 4],
  )
})

test('a transaction that throws leaves nothing behind', (t) => {
  const { store } = openLog(t)
  const failing = (): void => {
    store.transaction(() => {
      store.addRoom(TEA, store.epoch)
      throw new Error('changed my mind')
    })
  }
  assert.throws(failing, { message: 'changed my mind' })
  assert.equal(store.findRoom(TEA), undefined)
  store.transaction(() => store.addRoom(TEA, store.epoch))
  assert.equal(store.findRoom(TEA)?.name, TEA)
})

test('no statement looks at more rows than it is after, however large the tables are', (t) => {
  const { database } = openLog(t)
  for (const [name, { sourceSQL }] of Object.entries(prepareStatements(database))) {
    if (!/^(SELECT|UPDATE|DELETE)/.test(sourceSQL)) continue
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sourceSQL}`).all()
    const steps = plan.map(({ detail }) => String(detail)).join('; ')
    // The oldest keys are found by walking the table from its start, for as many rows as there is to the limit.
    assert.doesNotMatch(name === 'forgetSent' ? steps.replace(/SCAN sent$/, '') : steps, /SCAN|TEMP B-TREE/, name)
  }
})

test('the file of a log that is trimmed stops growing', async (t) => {
  let now = Date.now()
  const { database, backend } = openLog(t, { ...nodeEnvironment, now: () => now })
  let written = 0
  const pages: number[] = []
  for (let day = 0; day < 8; day++) {
    for (let batch = 0; batch < 5; batch++)
      await Promise.all(Array.from({ length: 400 }, () => backend.append(write(++written, 'x'.repeat(200)))))
    const { seq } = await backend.head(TEA)
    await backend.trim(TEA, (seq - 500) as Seq)
    pages.push(Number(database.prepare('PRAGMA page_count').get()?.['page_count']))
    now += 25 * 60 * 60 * 1_000
  }
  assert.ok(pages[7]! <= 1.1 * pages[3]!, `pages by day: ${pages.join(', ')}`)
})

function openLog(
  t: TestContext,
  environment = nodeEnvironment,
): { database: DatabaseSync; store: SqliteStore; backend: LocalBackend } {
  const folder = mkdtempSync(join(tmpdir(), 'natter-sqlite-'))
  const database = openSqliteFile(join(folder, 'natter.db'), MIGRATIONS)
  const store = new SqliteStore(database, 'epoch' as Epoch)
  const backend = new LocalBackend(store, environment)
  t.after(async () => {
    await backend.close()
    rmSync(folder, { recursive: true })
  })
  return { database, store, backend }
}
