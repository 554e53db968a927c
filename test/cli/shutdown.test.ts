import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet, temporaryFolder } from '../helpers.ts'
import type { Frame } from '../helpers.ts'
import { openLine, openRawWebSocket } from '../server/raw.ts'
import { startServerProcess } from '../server-process.ts'

/** What a platform grants, and some time to start. */
const WITHIN_MS = 15_000

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}, repeated too, tells clients when to come back, closes them with 1012 and ends with exit code 0`, async (t) => {
    const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)] })
    const sockets = [await greet(t, server), await greet(t, server), await greet(t, server)]
    for (let i = 0; i < 3; i++) server.child.kill(signal)
    for (const socket of sockets) {
      const { retryInMs } = await socket.next(({ type }) => type === 'goodbye')
      assert.ok(Number(retryInMs) >= 0 && Number(retryInMs) <= 8_000)
      assert.equal((await socket.closed).code, 1012)
    }
    const { code, stderr, stdout } = await server.exited
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /"event":"stopped"/)
  })
}

test('a signal asked for while it stops does not cut that short', async (t) => {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)] })
  const socket = await greet(t, server)
  server.child.kill('SIGTERM')
  await socket.next(({ type }) => type === 'goodbye')
  server.child.kill('SIGTERM')
  server.child.kill('SIGINT')
  assert.equal((await server.exited).code, 0)
})

test('what was acked before a SIGTERM is there after it, once, and everything in order', async (t) => {
  const args = ['--data', await temporaryFolder(t), '--write-rate', '0', '--command-rate', '0']
  const first = await startServerProcess(t, { args })
  const socket = await greet(t, first)
  const acked: Frame[] = []
  // As fast as it goes, until the connection ends.
  const posting = (async () => {
    for (let i = 0; ; i++) {
      const answer = await socket.ask({
        type: 'post',
        room: 'tea',
        key: `key-${String(i).padStart(8, '0')}`,
        text: String(i),
      })
      assert.equal(answer['type'], 'ack')
      acked.push(answer)
      if (i === 100) first.child.kill('SIGTERM')
    }
  })()
  await assert.rejects(posting, /the connection ended/)
  assert.equal((await first.exited).code, 0)

  const second = await startServerProcess(t, { args })
  const reader = await greet(t, second)
  const ids: unknown[] = []
  let hasNewer: unknown = true
  for (let after = 0; hasNewer === true; after += 100) {
    const page = await reader.ask({ type: 'history', room: 'tea', after, limit: 100 })
    ids.push(...(page['messages'] as readonly Frame[]).map(({ id }) => id))
    hasNewer = page['hasNewer']
  }
  assert.ok(acked.length > 100)
  const ackedIds = acked.map(({ messageId }) => messageId)
  assert.deepEqual(ids.slice(0, ackedIds.length), ackedIds)
  // What was stored and not acked any more is at most the one that was under way.
  assert.ok(ids.length - ackedIds.length <= 1)
})

test('peers that do not hang up do not keep the process', { timeout: WITHIN_MS }, async (t) => {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)] })
  const port = Number(new URL(server.url).port)
  // A WebSocket that never answers a close frame, one that does not even read, a request that never ends, an idle line.
  await openRawWebSocket(t, port)
  const { socket } = await openRawWebSocket(t, port)
  socket.pause()
  openLine(t, port).write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n')
  openLine(t, port).write('GET /live HTTP/1.1\r\nHost: a\r\n\r\n')
  openLine(t, port)
  await fetch(`${server.url}/ready`)
  server.child.kill('SIGTERM')
  assert.equal((await server.exited).code, 0)
})

test('while it stops it takes no new connections', async (t) => {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)] })
  // It stays for a while because of this one, which does not answer the close frame.
  await openRawWebSocket(t, Number(new URL(server.url).port))
  server.child.kill('SIGTERM')
  await server.line((line) => line.includes('"event":"stopping"'))
  await assert.rejects(fetch(server.url))
  assert.equal((await server.exited).code, 0)
})
