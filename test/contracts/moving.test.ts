import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { BackendError } from '../../src/backend/backend-error.ts'
import type { Backend } from '../../src/backend/backend.ts'
import { createSqliteBackend } from '../../src/backend/sqlite.ts'
import { createMemoryBackend, exportChat, importChat } from '../../src/index.ts'
import type { Imported } from '../../src/index.ts'
import type { Seq } from '../../src/protocol/ids.ts'
import { temporaryFolder } from '../helpers.ts'
import { ADA, append, COFFEE, edit, fill, resumed, seqsTo, start, TEA, write } from './backend-helpers.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { assertUnavailable, openOn, patiently, QUICK, redisFor, refusal } from './redis-helpers.ts'

test('a chat goes from SQLite to Redis and on to another file, and what is written down is the same each time', async (t) => {
  const redis = await redisFor(t)
  const sqlite = await openSqlite(t)
  const edited = await fillChat(sqlite)
  const first = await textOf(sqlite)
  const grown = await openOn(t, redis, { forRestore: true })
  assert.deepEqual(await load(grown, first), { rooms: 2, messages: 303, bytes: first.length, wasThere: false })
  const again = await openSqlite(t)
  await load(again, await textOf(grown))
  assert.deepEqual(sorted(await textOf(again)), sorted(first))

  // A client that was reading goes on reading.
  const since = { ...(await start(grown)), seq: 0 as Seq }
  assert.equal(resumed(await grown.readChanges(TEA, since, 10)).messages.length, 10)
  const { position } = await append(grown, edit(edited, 301, 'edited on Redis'))
  assert.equal(position.seq, 302)
})

test('what the format looks like', async (t) => {
  const backend = await openMemory(t)
  const first = write('hi')
  const { position } = await append(backend, first)
  const { position: at } = await append(backend, edit(first.messageId, 1, 'hi "again"\n'))
  await backend.advanceMarker(TEA, ADA, 2 as Seq)
  const lines = (await textOf(backend)).trimEnd().split('\n')
  assert.deepEqual(
    lines.slice(0, 5).map((line) => JSON.parse(line) as unknown),
    [
      { type: 'natter-export', version: 1, epoch: position.epoch },
      { type: 'room', room: 'tea', epoch: position.epoch, trimmed: { seq: 0, tag: '' } },
      { type: 'change', seq: 1, tag: position.tag },
      { type: 'message', seq: 2, tag: at.tag, id: first.messageId, posted: 1, body: { text: 'hi "again"\n' } },
      { type: 'marker', room: 'tea', user: ADA, seq: 2 },
    ],
  )
  const { sha256, ...end } = JSON.parse(lines.at(-1) ?? '') as { readonly sha256: string }
  assert.deepEqual(end, { type: 'end', lines: 7 })
  assert.match(sha256, /^[0-9a-f]{64}$/)
})

test('an import that broke off is finished by doing it again, and done once more changes nothing', async (t) => {
  const source = await openSqlite(t)
  await fillChat(source)
  const text = await textOf(source)
  const target = await openSqlite(t)
  for (const share of [0.2, 0.5, 0.9]) {
    await assert.rejects(load(target, text.slice(0, text.lastIndexOf('\n', share * text.length) + 1)), {
      name: 'ArchiveError',
      message: /^the export was cut short: line \d+ is not its last one$/,
    })
    assert.equal((await target.archive.state()).status, 'restoring')
  }
  assert.equal((await load(target, text)).wasThere, false)
  assert.deepEqual((await textOf(target)).split('\n'), text.split('\n'))
  assert.equal((await load(target, text)).wasThere, true)
  await fill(target, ['said since'])
  assert.equal((await load(target, text)).wasThere, true)
  assert.equal((await target.head(TEA)).seq, 302)
})

test('whatever is wrong with an export is said in one line, and none of it is served', async (t) => {
  const source = await openMemory(t)
  await fillChat(source)
  const text = await textOf(source)
  const lines = text.split('\n')
  const without = (index: number): string => lines.toSpliced(index, 1).join('\n')
  const instead = (index: number, line: string): string => lines.with(index, line).join('\n')
  // After the header, the secret, the room and a change that was superseded.
  const message = 4
  const wrong: readonly (readonly [input: string, message: RegExp])[] = [
    ['', /^there is nothing to import: the input is empty$/],
    ['Dear diary\n', /^this is no export of a chat: its first line is not that of one$/],
    [
      instead(0, '{"type":"natter-export","version":2}'),
      /^the export is of version 2, .* reads version 1: use the Natter/,
    ],
    [instead(message, '{"type":"message"'), /^line 5 is no JSON object$/],
    [instead(message, '{"type":"gossip"}'), /^line 5: its "type" is missing, or not what it must be$/],
    [instead(message, '{"type":"message","seq":1,"tag":"x"}'), /^line 5: its "tag" is missing, or not what/],
    [without(2), /^line 3: a change comes before any room$/],
    [without(message), /^line 5: change 3 comes after change 1$/],
    [text.replace('"text":"7"', '"text":"8"'), /^the export is damaged: its checksum is another\. Empty the target/],
    [`${text}{"type":"room"}\n`, /^line \d+: something follows the end of the export$/],
    [text.slice(0, -200), /^line \d+ is no JSON object$/],
  ]
  for (const [input, expected] of wrong) {
    const target = await openMemory(t)
    await assert.rejects(load(target, input), (error) => {
      assert.ok(error instanceof Error)
      assert.equal(error.name, 'ArchiveError', error.message)
      assert.match(error.message, expected)
      return true
    })
    assert.notEqual((await target.archive.state()).status, 'used')
  }
})

test('a chat is not imported over another, nor over half of another', async (t) => {
  const [one, other] = [await openMemory(t), await openMemory(t)]
  for (const backend of [one, other]) await fillChat(backend)
  await assert.rejects(load(one, await textOf(other)), { code: 'not_empty', message: /has a chat already/ })
  const target = await openMemory(t)
  const text = await textOf(one)
  await assert.rejects(load(target, text.slice(0, text.indexOf('\n', 2_000) + 1)), { name: 'ArchiveError' })
  await assert.rejects(load(target, await textOf(other)), { code: 'restoring', message: /has half of a chat/ })
})

test('a Redis that others use is not imported into', async (t) => {
  const redis = await redisFor(t)
  const server = await openOn(t, redis)
  const source = await openMemory(t)
  await fillChat(source)
  const text = await textOf(source)
  const target = await openOn(t, redis, { forRestore: true })
  await assert.rejects(load(target, text), {
    code: 'in_use',
    message: /another process uses this chat: stop every Natter/,
  })
  await server.close()
  assert.equal((await load(target, text)).wasThere, false)
})

test('a process that was cut off for longer than its lease stays away from a chat that is being moved there', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const notices: string[] = []
  const cut = await openOn(t, line, { onNotice: (notice) => notices.push(notice) })
  const text = await textOf(await sourceOf(t))
  line.isUp = false
  line.cut()
  const target = await openOn(t, redis, { forRestore: true })
  while ((await target.archive.state().catch(refusedAsInUse)) === undefined);
  await assert.rejects(load(target, text.slice(0, text.indexOf('\n', 2_000) + 1)), { name: 'ArchiveError' })
  line.isUp = true
  while (!notices.some((notice) => notice.includes('has half of a chat'))) await target.head(TEA)
  const early = write('said too early')
  await assert.rejects(append(cut, early), assertUnavailable)
  assert.equal((await load(target, text)).wasThere, false)
  assert.equal((await patiently(() => append(cut, early))).position.seq, 302)
  assert.match(
    notices.join('\n'),
    /^.* is away \(.*\).*\n.* cannot be reached \(.*\).*\n.* has half of a chat that is being moved there.*\n.* is back$/,
  )
})

test('a process that stood still for longer than its lease does not write into a chat that is being moved there', async (t) => {
  const redis = await redisFor(t)
  const still = await openOn(t, redis, {}, { ...QUICK, leaseMs: 30_000 })
  const text = await textOf(await sourceOf(t))
  // Its lease is over, and it has yet to find out.
  await redis.command('DEL', 'natter:leases')
  const target = await openOn(t, redis, { forRestore: true })
  await assert.rejects(load(target, text.slice(0, text.indexOf('\n', 2_000) + 1)), { name: 'ArchiveError' })
  const { seq } = await target.head(TEA)
  const early = write('said too early')
  await assert.rejects(append(still, early), assertUnavailable)
  assert.equal((await target.head(TEA)).seq, seq)
  await load(target, text)
  assert.equal((await patiently(() => append(still, early))).position.seq, 302)
})

test('a server that is begun while a chat is being moved there is refused, and does not hold the move up', async (t) => {
  const redis = await redisFor(t)
  const text = await textOf(await sourceOf(t))
  const target = await openOn(t, redis, { forRestore: true })
  await assert.rejects(load(target, text.slice(0, text.indexOf('\n', 2_000) + 1)), { name: 'ArchiveError' })
  await assert.rejects(openOn(t, redis), { code: 'restoring', message: /has half of a chat/ })
  assert.equal((await load(target, text)).wasThere, false)
})

test('an export that would come from two connections to Redis fails, and says what to do', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const source = await openOn(t, line)
  await fillChat(source)
  const reading = exportChat(source)
  await reading.next()
  line.cut()
  await refusal(() => source.ping())
  await patiently(() => source.ping())
  await assert.rejects(
    async () => {
      while ((await reading.next()).done !== true);
    },
    { name: 'ArchiveError', message: /^Redis was away while the chat was read .*: run it again$/ },
  )
})

test('a large chat passes through little memory: a piece is read when the one before was taken', async (t) => {
  const source = await openSqlite(t)
  const text = 'x'.repeat(4_000)
  for (let i = 0; i < 40; i++) await Promise.all(seqsTo(250).map(() => append(source, write(text))))
  const pieces: number[] = []
  for await (const piece of exportChat(source)) pieces.push(piece.length)
  assert.ok(pieces.reduce((sum, length) => sum + length) > 40_000_000)
  assert.ok(Math.max(...pieces) < 1_000_000, `${Math.max(...pieces)}`)
})

/** Two rooms, with edits, a trim and a marker. Returns the id of a message that stands at rev 301. */
async function fillChat(backend: Backend): Promise<ReturnType<typeof write>['messageId']> {
  const [first] = await Promise.all(seqsTo(300).map((number) => append(backend, write(String(number)))))
  assert.ok(first)
  await append(backend, edit(first.messageId, 1, 'edited'))
  await fill(backend, ['espresso', 'latte', 'mocha', 'flat white'], COFFEE)
  await backend.trim(COFFEE, 1 as Seq)
  await backend.advanceMarker(TEA, ADA, 200 as Seq)
  await backend.secret('guest')
  return first.messageId
}

async function sourceOf(t: TestContext): Promise<Backend> {
  const source = await openMemory(t)
  await fillChat(source)
  return source
}

/** Undefined where another process uses the chat. */
function refusedAsInUse(error: unknown): undefined {
  assert.ok(error instanceof BackendError)
  assert.equal(error.code, 'in_use')
}

async function openSqlite(t: TestContext): Promise<Backend> {
  const backend = createSqliteBackend({ file: join(await temporaryFolder(t), 'natter.db'), forRestore: true })
  t.after(() => backend.close())
  return backend
}

async function openMemory(t: TestContext): Promise<Backend> {
  const backend = createMemoryBackend()
  t.after(() => backend.close())
  return backend
}

async function textOf(backend: Backend): Promise<string> {
  let text = ''
  for await (const piece of exportChat(backend)) text += piece
  return text
}

/** In pieces, as a pipe brings them. */
async function load(backend: Backend, text: string): Promise<Imported> {
  return importChat(backend, inPieces(Buffer.from(text)))
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}

/** Without the last line, whose checksum depends on the order in which Redis finds things. */
function sorted(text: string): string[] {
  return text.trimEnd().split('\n').slice(0, -1).toSorted()
}
