import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSqliteBackend } from '../../src/index.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { append, seqsTo, write } from '../contracts/backend-helpers.ts'
import { redisFor } from '../contracts/redis-helpers.ts'
import { openSocket, temporaryFolder } from '../helpers.ts'
import { runNatter, startNatter, startServerProcess } from '../server-process.ts'
import { assertFails } from './refusal.ts'

const LOBBY = 'lobby' as RoomId

test('a chat grows from a folder into a Redis and back: clients go on where they were, guests stay who they are', async (t) => {
  const redis = await redisFor(t)
  const folder = await temporaryFolder(t)
  const [data, file, later] = [join(folder, 'data'), join(folder, 'chat.jsonl'), join(folder, 'later')]
  const before = await startServerProcess(t, { args: ['--data', data] })
  const ada = await openSocket(t, before)
  const { user, guestToken } = await ada.ask({ type: 'hello', name: 'Ada' })
  await ada.ask({ type: 'join', room: 'lobby' })
  const { position, messageId } = await ada.ask({ type: 'post', room: 'lobby', key: 'key-of-ada-1', text: 'hi' })
  await ada.ask({ type: 'read', room: 'lobby', seq: 1 })
  before.child.kill('SIGTERM')
  await before.exited

  const exported = await runNatter(t, { args: ['export', '--data', data, '--output', file] })
  assert.deepEqual([exported.code, exported.stdout], [0, ''], exported.stderr)
  assert.match(
    exported.stderr,
    /^natter: exporting from .*data\/natter\.db\nnatter: exported 1 room and 1 message \(0(\.\d)? MB\)\n$/,
  )
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const env = { REDIS_URL: redis.url }
  assert.equal((await runNatter(t, { args: ['import', '--input', file], env })).code, 0)
  const back = await runNatter(t, { args: ['export', '--output', `${file}.2`], env })
  assert.equal(back.code, 0, back.stderr)
  assert.equal((await runNatter(t, { args: ['import', '--data', later, '--input', `${file}.2`] })).code, 0)

  const after = await startServerProcess(t, { args: ['--data', later] })
  const again = await openSocket(t, after)
  assert.deepEqual((await again.ask({ type: 'hello', name: 'Ada', guestToken }))['user'], user)
  const joined = await again.ask({ type: 'join', room: 'lobby', since: position })
  assert.deepEqual([joined['resumed'], joined['messages'], joined['position']], [true, [], position])
  const repeated = await again.ask({ type: 'post', room: 'lobby', key: 'key-of-ada-1', text: 'hi' })
  assert.deepEqual([repeated['position'], repeated['messageId']], [position, messageId])
  const edited = await again.ask({ type: 'edit', room: 'lobby', key: 'key-of-ada-2', messageId, text: 'hello' })
  assert.equal(edited['type'], 'ack')
})

test('an import that is killed again and again comes to its end, and nothing is doubled', async (t) => {
  const folder = await temporaryFolder(t)
  const [data, file, copy] = [join(folder, 'data'), join(folder, 'chat.jsonl'), join(folder, 'copy')]
  await fillChat(data, 20_000)
  assert.equal((await runNatter(t, { args: ['export', '--data', data, '--output', file] })).code, 0)
  const whole = readFileSync(file)
  for (const share of [0.3, 0.6]) {
    const importing = startNatter(t, { args: ['import', '--data', copy] })
    const { stdin } = importing.child
    assert.ok(stdin)
    // A pipe holds little, so when all is written most is read.
    if (!stdin.write(whole.subarray(0, whole.length * share))) await once(stdin, 'drain')
    importing.child.kill('SIGKILL')
    await importing.exited
    const served = await runNatter(t, { args: ['serve', '--port', '0', '--data', copy] })
    assert.equal(served.code, 1)
    assert.match(
      served.stderr,
      /^natter: .*natter\.db has half of a chat that is being moved there: run natter import again/,
    )
  }
  const imported = await runNatter(t, { args: ['import', '--data', copy, '--input', file] })
  assert.equal(imported.code, 0, imported.stderr)
  assert.match(imported.stderr, /imported 1 room and 20,000 messages/)
  const again = await runNatter(t, { args: ['import', '--data', copy, '--input', file] })
  assert.deepEqual(
    [again.code, again.stderr],
    [0, `natter: importing into ${join(copy, 'natter.db')}\nnatter: nothing to do: this chat is there already\n`],
  )
  const exported = await runNatter(t, { args: ['export', '--data', copy, '--output', `${file}.copy`] })
  assert.equal(exported.code, 0)
  assert.ok(readFileSync(`${file}.copy`).equals(whole), 'the copy is another chat')
})

test('an import into a Redis that is killed again and again comes to its end, and nothing is doubled', async (t) => {
  const redis = await redisFor(t)
  const folder = await temporaryFolder(t)
  const [data, file] = [join(folder, 'data'), join(folder, 'chat.jsonl')]
  await fillChat(data, 4_000)
  assert.equal((await runNatter(t, { args: ['export', '--data', data, '--output', file] })).code, 0)
  const whole = readFileSync(file)
  const env = { REDIS_URL: redis.url }
  // The messages are the first half of it.
  for (const share of [0.15, 0.3]) {
    const importing = startNatter(t, { args: ['import'], env })
    const { stdin } = importing.child
    assert.ok(stdin)
    if (!stdin.write(whole.subarray(0, whole.length * share))) await once(stdin, 'drain')
    importing.child.kill('SIGKILL')
    await importing.exited
    const reached = Number(await redis.command('HGET', 'natter:{lobby}:head', 'seq'))
    assert.ok(reached > 0 && reached < 4_000, `it had come to ${reached}`)
    const served = await runNatter(t, { args: ['serve', '--port', '0'], env })
    assert.equal(served.code, 1)
    assert.match(
      served.stderr,
      /Redis at 127\.0\.0\.1:\d+ has half of a chat that is being moved there: run natter import again/,
    )
  }
  const imported = await runNatter(t, { args: ['import', '--input', file], env })
  assert.equal(imported.code, 0, imported.stderr)
  assert.match(imported.stderr, /imported 1 room and 4,000 messages/)
  const again = await runNatter(t, { args: ['import', '--input', file], env })
  assert.match(again.stderr, /nothing to do: this chat is there already/)
  assert.equal((await runNatter(t, { args: ['export', '--output', `${file}.copy`], env })).code, 0)
  assert.deepEqual(linesOf(`${file}.copy`), linesOf(file))
})

test('what cannot be moved is refused in one line', async (t) => {
  const folder = await temporaryFolder(t)
  const [data, file, other] = [join(folder, 'data'), join(folder, 'chat.jsonl'), join(folder, 'other')]
  await fillChat(data, 3)
  await fillChat(other, 3)
  const refused = async (args: readonly string[], expected: RegExp): Promise<void> => {
    const { code, stderr } = await runNatter(t, { args })
    assert.match(stderr, expected)
    const lines = stderr.trim().split('\n')
    // Whose chat it is stands before what is wrong.
    assert.equal(lines.filter((line) => !/^natter: (exporting from|importing into) /.test(line)).length, 1, stderr)
    assert.equal(code, 1)
  }
  await refused(['export', '--data', join(folder, 'none')], /^natter: --data: there is no chat in .*none\n$/)
  assert.equal((await runNatter(t, { args: ['export', '--data', data, '--output', file] })).code, 0)
  await refused(['export', '--data', data, '--output', file], /chat\.jsonl is there already: remove it/)
  await refused(['import', '--data', other, '--input', file], /the target has a chat already: import into an empty one/)
  await refused(['import', '--data', other, '--input', join(folder, 'none')], /none: there is no such file or folder/)
  await refused(['import', '--data', other, '--input', folder], /is a folder: name a file/)
  await refused(
    ['import', '--redis', 'redis://127.0.0.1:1', '--input', file],
    /Redis at 127\.0\.0\.1:1 cannot be reached/,
  )
  truncateSync(file, 10)
  await refused(['import', '--data', join(folder, 'new'), '--input', file], /this is no export of a chat/)
})

test('a folder that is typed is the chat that is moved and served, whatever Redis a variable names', async (t) => {
  const redis = await redisFor(t)
  const folder = await temporaryFolder(t)
  const [data, file, copy] = [join(folder, 'data'), join(folder, 'chat.jsonl'), join(folder, 'copy')]
  await fillChat(data, 3)
  const env = { REDIS_URL: redis.url, NATTER_REDIS: redis.url }
  const exported = await runNatter(t, { args: ['export', '--data', data, '--output', file], env })
  assert.equal(exported.code, 0, exported.stderr)
  assert.match(exported.stderr, /exported 1 room and 3 messages/)
  const imported = await runNatter(t, { args: ['import', '--data', copy, '--input', file], env })
  assert.match(imported.stderr, /imported 1 room and 3 messages/)
  const server = await startServerProcess(t, { args: ['--data', copy], env })
  const ada = await openSocket(t, server)
  await ada.ask({ type: 'hello', name: 'Ada' })
  const joined = await ada.ask({ type: 'join', room: 'lobby' })
  assert.equal((joined['messages'] as unknown[]).length, 3)
  assert.equal(await redis.command('DBSIZE'), 0)
})

test('which chat is moved is said, without its password', async (t) => {
  const redis = await redisFor(t, '--requirepass', 'sesame')
  const folder = await temporaryFolder(t)
  const [data, file] = [join(folder, 'data'), join(folder, 'chat.jsonl')]
  await fillChat(data, 3)
  await runNatter(t, { args: ['export', '--data', data, '--output', file] })
  const url = `redis://:sesame@127.0.0.1:${redis.port}/1`
  const { stderr } = await runNatter(t, { args: ['import', '--redis', url, '--input', file] })
  assert.ok(stderr.startsWith(`natter: importing into redis://127.0.0.1:${redis.port}/1, prefix natter\n`), stderr)
  assert.ok(!stderr.includes('sesame'), stderr)
})

test('a folder and a Redis that are both typed are refused', async (t) => {
  for (const command of ['serve', 'export', 'import']) {
    const args = [command, '--data', 'data', '--redis', 'redis://:hunter2@127.0.0.1:1']
    const line = await assertFails(t, { args }, /--data and --redis: these are two chats; give one of them/)
    assert.ok(!line.includes('hunter2'), line)
  }
})

test('a chat that a server has open is neither exported nor imported into, and the server goes on', async (t) => {
  const folder = await temporaryFolder(t)
  const data = join(folder, 'data')
  const server = await startServerProcess(t, { args: ['--data', data] })
  for (const command of ['export', 'import']) {
    const { code, stderr } = await runNatter(t, { args: [command, '--data', data] })
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^natter: .*natter\.db is in use: stop the process that has it open, or choose another file\n$/,
    )
  }
  const ada = await openSocket(t, server)
  assert.equal((await ada.ask({ type: 'hello', name: 'Ada' }))['type'], 'welcome')
})

/** All but the last one, sorted: Redis finds what follows the rooms in an order of its own. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(0, -1).toSorted()
}

async function fillChat(data: string, messages: number): Promise<void> {
  const backend = createSqliteBackend({ file: join(data, 'natter.db') })
  await Promise.all(seqsTo(messages).map((number) => append(backend, write(String(number), { room: LOBBY }))))
  await backend.close()
}
