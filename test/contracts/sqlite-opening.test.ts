import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { BackendError } from '../../src/backend/backend-error.ts'
import type { BackendErrorCode } from '../../src/backend/backend-error.ts'
import type { Backend } from '../../src/backend/backend.ts'
import { nodeEnvironment } from '../../src/backend/environment.ts'
import { LocalBackend } from '../../src/backend/local-backend.ts'
import { openSqliteFile } from '../../src/backend/sqlite-file.ts'
import { MIGRATIONS } from '../../src/backend/sqlite-schema.ts'
import { createSqliteBackend, openSqliteStore } from '../../src/backend/sqlite.ts'
import type { Seq } from '../../src/protocol/ids.ts'
import { temporaryFolder } from '../helpers.ts'
import { append, fill, readAll, seqsTo, TEA, textsOf, write } from './backend-helpers.ts'

test('a second process on the same file fails at once, and may have it when the first one is gone', async (t) => {
  const file = await temporaryFile(t)
  const holder = startHolder(t, file)
  assert.equal(await holder.outcome, 'open')
  assertRefused(file, 'in_use', /natter\.db is in use: stop the process/)
  await holder.kill()
  await openBackend(t, file).ping()
})

test('a second backend of this process on the same file fails, and leaves the first its lock', async (t) => {
  const file = await temporaryFile(t)
  const first = openBackend(t, file)
  for (let attempt = 0; attempt < 2; attempt++) assertRefused(file, 'in_use')
  assert.equal(await startHolder(t, file).outcome, 'refused')
  await append(first, write('still mine'))
})

test('a file that is no database is refused and left as it is', async (t) => {
  const file = await temporaryFile(t)
  const garbage = 'Dear diary, '.repeat(1_000)
  writeFileSync(file, garbage)
  assertRefused(file, 'not_a_log', /is not a Natter database: choose another file/)
  assert.equal(readFileSync(file, 'utf8'), garbage)
})

test('another program’s database is refused and left as it is', async (t) => {
  const file = await temporaryFile(t)
  const other = new DatabaseSync(file)
  other.exec('CREATE TABLE invoice (id INTEGER PRIMARY KEY)')
  other.close()
  const before = readFileSync(file)
  assertRefused(file, 'not_a_log')
  assert.deepEqual(readFileSync(file), before)
})

test('an empty file becomes a log', async (t) => {
  const file = await temporaryFile(t)
  writeFileSync(file, '')
  await append(openBackend(t, file), write('first'))
})

test('a file with a damaged page, or cut short, is refused', async (t) => {
  const file = await temporaryFile(t)
  const backend = openBackend(t, file)
  await fill(
    backend,
    seqsTo(300).map((number) => `message ${number}`),
  )
  await backend.close()
  const whole = readFileSync(file)

  writeFileSync(file, Buffer.from(whole).fill(0xff, whole.length / 2, whole.length / 2 + 4_096))
  assertRefused(file, 'corrupt', /is damaged \(.+\): restore a backup, or move it away/)
  truncateSync(file, whole.length / 2)
  assertRefused(file, 'corrupt')
  writeFileSync(file, whole)
  assert.equal((await readAll(openBackend(t, file))).length, 300)
})

test('a path that cannot be written is refused', async (t) => {
  const file = await temporaryFile(t)
  writeFileSync(file, 'a file, not a folder')
  assertRefused(join(file, 'natter.db'), 'not_writable', /cannot be written \(\w+: [a-z ]+\): choose a path/)
  assertRefused(join(file, 'deeper', 'natter.db'), 'not_writable')
  const folder = await temporaryFolder(t)
  assertRefused(folder, 'not_writable', /cannot be written \(unable to open database file\)/)
})

test('an empty path is a mistake in the program', () => {
  assert.throws(() => createSqliteBackend({ file: '' }), { name: 'TypeError', message: /"file"/ })
})

test('names that mean something to SQLite are files like others', async (t) => {
  const folder = await temporaryFolder(t)
  const before = process.cwd()
  process.chdir(folder)
  t.after(() => process.chdir(before))
  openBackend(t, ':memory:')
  openBackend(t, 'file:natter.db?mode=memory')
  assert.ok(statSync(join(folder, ':memory:')).isFile())
  assert.ok(statSync(join(folder, 'file:natter.db?mode=memory')).isFile())
})

test('the folder is made where it is missing, and nobody else may read the file', async (t) => {
  const file = join(await temporaryFolder(t), 'data', 'chat', 'natter.db')
  await append(openBackend(t, file), write('hush'))
  for (const path of [file, `${file}-wal`]) assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('an older file is brought to the newest schema with all that is in it', async (t) => {
  const file = await temporaryFile(t)
  const old = openBackend(t, file)
  await fill(old, ['kept'])
  const { epoch } = await old.head(TEA)
  await old.close()
  const newer = new LocalBackend(openSqliteStore(file, nodeEnvironment, [...MIGRATIONS, ADD_TOPIC]), nodeEnvironment)
  assert.deepEqual(textsOf(await readAll(newer)), ['kept'])
  await append(newer, write('added'))
  assert.deepEqual((await newer.head(TEA)).epoch, epoch)
  await newer.close()
  const database = new DatabaseSync(file)
  assert.deepEqual({ ...database.prepare('SELECT name, topic FROM room').get() }, { name: TEA, topic: 'none yet' })
  database.close()
})

test('a file of the first schema, in which each message was in the index at once, is read as it was written', async (t) => {
  const file = await temporaryFile(t)
  const database = openSqliteFile(file, MIGRATIONS.slice(0, 1))
  database.exec(`
    INSERT INTO meta VALUES ('epoch', 'e');
    INSERT INTO room VALUES (1, '${TEA}', 'e', 0, '');
    WITH RECURSIVE seqs (seq) AS (VALUES (1) UNION ALL SELECT seq + 1 FROM seqs WHERE seq < 40)
      INSERT INTO message (place, revision, room, id, tag, body)
      SELECT 1 << 36 | seq, 1 << 36 | seq, 1, 'm' || seq, 't' || seq, '{"text":"' || seq || '"}' FROM seqs;
  `)
  database.close()
  const backend = openBackend(t, file)
  await append(backend, write('added'))
  const texts = [...Array.from({ length: 40 }, (_, index) => String(index + 1)), 'added']
  assert.deepEqual(textsOf(await readAll(backend)), texts)
  const before = await backend.readPage(TEA, { before: 31 as Seq, limit: 5 })
  assert.deepEqual(textsOf(before.messages), texts.slice(25, 30))
})

test('a file of a newer schema is refused and left as it is', async (t) => {
  const file = await temporaryFile(t)
  openSqliteStore(file, nodeEnvironment, [...MIGRATIONS, ADD_TOPIC]).close()
  const before = readFileSync(file)
  const known = MIGRATIONS.length
  const message = new RegExp(`written by a newer Natter \\(schema ${known + 1}, this one knows ${known}\\): update`)
  assertRefused(file, 'newer', message)
  assert.deepEqual(readFileSync(file), before)
})

test('a migration that fails leaves the old file as it was', async (t) => {
  const file = await temporaryFile(t)
  const old = openBackend(t, file)
  await fill(old, ['kept'])
  await old.close()
  assert.throws(
    () => openSqliteStore(file, nodeEnvironment, [...MIGRATIONS, ADD_TOPIC, 'DROP TABLE no_such_table']),
    BackendError,
  )
  assert.deepEqual(textsOf(await readAll(openBackend(t, file))), ['kept'])
})

const ADD_TOPIC = `ALTER TABLE room ADD COLUMN topic TEXT NOT NULL DEFAULT 'none yet'`

/** Starts a process that opens `file` and keeps it open, if it can. */
function startHolder(
  t: TestContext,
  file: string,
): { outcome: Promise<'open' | 'refused'>; kill: () => Promise<unknown> } {
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'sqlite-holder.ts'), file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(holder, 'exit')
  t.after(() => holder.kill('SIGKILL'))
  return {
    outcome: Promise.race([
      once(holder.stdout, 'data').then(() => 'open' as const),
      exited.then(() => 'refused' as const),
    ]),
    kill: () => {
      holder.kill('SIGKILL')
      return exited
    },
  }
}

async function temporaryFile(t: TestContext): Promise<string> {
  return join(await temporaryFolder(t), 'natter.db')
}

function openBackend(t: TestContext, file: string): Backend {
  const backend = createSqliteBackend({ file })
  t.after(() => backend.close())
  return backend
}

/** The refusal is one line that names the file. */
function assertRefused(file: string, code: BackendErrorCode, message = /./): void {
  assert.throws(
    () => createSqliteBackend({ file }),
    (error) => {
      assert.ok(error instanceof BackendError, String(error))
      assert.equal(error.code, code, error.message)
      assert.ok(error.message.startsWith(file) && !error.message.includes('\n'), error.message)
      assert.match(error.message, message)
      return true
    },
  )
}
