import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend } from '../../src/index.ts'
import { greet, openSocket, startServer } from '../helpers.ts'
import type { TestServer } from '../helpers.ts'

async function get(server: TestServer, path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(server.url + path, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The value of one metric, with its labels as they are printed; undefined where it is not there. */
async function readMetric(server: TestServer, name: string): Promise<number | undefined> {
  const { text } = await get(server, '/metrics')
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length))
}

test('a server that runs is live, and ready when its log takes writes', async (t) => {
  const server = await startServer(t)
  const live = await get(server, '/live')
  assert.deepEqual([live.status, live.text, live.headers.get('cache-control')], [200, 'live\n', 'no-store'])
  const ready = await get(server, '/ready')
  assert.deepEqual([ready.status, ready.text, ready.headers.get('cache-control')], [200, 'ready\n', 'no-store'])
})

test('while the log cannot be reached the server is live, but not ready', async (t) => {
  const backend = createMemoryBackend()
  const server = await startServer(t, { backend })
  await backend.close()
  assert.equal((await get(server, '/live')).status, 200)
  const { status, text } = await get(server, '/ready')
  assert.deepEqual([status, text], [503, 'unavailable\n'])
})

test('metrics are in the text format of Prometheus, and tell of a chat what happens in it', async (t) => {
  const server = await startServer(t)
  const [ada, bob] = [await greet(t, server, 'Ada'), await greet(t, server, 'Bob')]
  for (const { ask } of [ada, bob].map((socket) => ({ ask: socket.ask.bind(socket) })))
    await ask({ type: 'join', room: 'tea' })
  await ada.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 'hi' })
  await ada.ask({ type: 'post', room: 'tea', key: 'key-00000001', text: ' ' })
  await bob.next(({ type }) => type === 'change')

  const { status, headers, text } = await get(server, '/metrics')
  assert.equal(status, 200)
  assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  for (const line of text.split('\n'))
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [-+.\dInfa]+(e[-+]?\d+)?|)$/)

  assert.equal(await readMetric(server, 'natter_connections'), 2)
  assert.equal(await readMetric(server, 'natter_rooms'), 1)
  assert.equal(await readMetric(server, 'natter_lagging_readers'), 0)
  assert.equal(await readMetric(server, 'natter_opened_total{dialect="natter.v1"}'), 2)
  assert.equal(await readMetric(server, 'natter_messages_total{kind="post"}'), 1)
  assert.equal(await readMetric(server, 'natter_refused_total{code="text_blank"}'), 1)
  assert.equal(await readMetric(server, 'natter_append_seconds_count'), 1)
  assert.ok(((await readMetric(server, 'natter_deliveries_total')) ?? 0) >= 2)
  assert.ok(((await readMetric(server, 'natter_delivered_bytes_total')) ?? 0) > 100)
  assert.ok(((await readMetric(server, 'natter_delivery_seconds_count')) ?? 0) >= 1)
  for (const name of [
    'natter_event_loop_delay_seconds{quantile="0.99"}',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
  ]) {
    assert.ok(((await readMetric(server, name)) ?? -1) >= 0, name)
  }
})

test('close codes that clients make up are counted together', async (t) => {
  const server = await startServer(t)
  for (const code of [1000, 4001, 4002]) {
    const { ws, closed } = await openSocket(t, server)
    ws.close(code)
    await closed
  }
  assert.equal(await readMetric(server, 'natter_closed_total{code="1000"}'), 1)
  assert.equal(await readMetric(server, 'natter_closed_total{code="other"}'), 2)
})

test('two chats in one process count for themselves', async (t) => {
  const [one, other] = [await startServer(t), await startServer(t)]
  await openSocket(t, one)
  assert.equal(await readMetric(one, 'natter_connections'), 1)
  assert.equal(await readMetric(other, 'natter_connections'), 0)
})

test('metrics can be given to who has a token only', async (t) => {
  const server = await startServer(t, { metrics: { token: 's3cret.Token' } })
  assert.equal((await get(server, '/metrics')).status, 401)
  assert.equal((await get(server, '/metrics', { authorization: 'Bearer wrong' })).status, 401)
  assert.equal((await get(server, '/metrics', { authorization: 'Bearer s3cret.Token' })).status, 200)
})

test('metrics can be off', async (t) => {
  assert.equal((await get(await startServer(t, { metrics: false }), '/metrics')).status, 404)
})
