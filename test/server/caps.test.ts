import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { observing, openSocket, startServer } from '../helpers.ts'
import type { TestServer, TestSocket } from '../helpers.ts'
import { exchange, openLine, openRawWebSocket } from './raw.ts'

const TOO_MANY = { code: 4429, reason: 'too many connections' }

function openFrom(t: TestContext, server: TestServer, address: string): Promise<TestSocket> {
  return openSocket(t, server, { headers: { 'x-forwarded-for': address } })
}

/** Whether a connection is one that the chat talks to. */
async function isServed(socket: TestSocket): Promise<boolean> {
  const answer = await socket.ask({ type: 'hello', name: 'Ada' }).catch(() => undefined)
  return answer?.['type'] === 'welcome'
}

test('one address gets so many connections; more are closed with 4429, and other addresses notice nothing', async (t) => {
  const server = await startServer(t, { trustProxy: 1, maxConnectionsPerAddress: 2 })
  assert.equal(await isServed(await openFrom(t, server, '192.0.2.1')), true)
  assert.equal(await isServed(await openFrom(t, server, '192.0.2.1')), true)
  assert.deepEqual(await (await openFrom(t, server, '192.0.2.1')).closed, TOO_MANY)
  assert.equal(await isServed(await openFrom(t, server, '192.0.2.2')), true)
})

test('a client cannot get more by making up addresses', async (t) => {
  const server = await startServer(t, { trustProxy: 1, maxConnectionsPerAddress: 1 })
  assert.equal(await isServed(await openFrom(t, server, '198.51.100.1, 192.0.2.1')), true)
  assert.deepEqual(await (await openFrom(t, server, '198.51.100.2, 192.0.2.1')).closed, TOO_MANY)
})

test('the addresses of one IPv6 /64 count as one', async (t) => {
  const server = await startServer(t, { trustProxy: 1, maxConnectionsPerAddress: 1 })
  assert.equal(await isServed(await openFrom(t, server, '2001:db8:0:1::1')), true)
  assert.deepEqual(await (await openFrom(t, server, '2001:db8:0:1:ffff::2')).closed, TOO_MANY)
  assert.equal(await isServed(await openFrom(t, server, '2001:db8:0:2::1')), true)
})

test('a connection that ended makes room for another', async (t) => {
  const server = await startServer(t, { maxConnectionsPerAddress: 1 })
  const first = await openSocket(t, server)
  first.ws.terminate()
  await first.closed
  // The server may learn of it later than we do.
  for (;;) {
    const next = await openSocket(t, server)
    if (await isServed(next)) break
  }
})

test('all together get so many connections, whatever their addresses', async (t) => {
  const server = await startServer(t, { trustProxy: 1, maxConnections: 2 })
  assert.equal(await isServed(await openFrom(t, server, '192.0.2.1')), true)
  assert.equal(await isServed(await openFrom(t, server, '192.0.2.2')), true)
  assert.deepEqual(await (await openFrom(t, server, '192.0.2.3')).closed, TOO_MANY)
})

test('0 takes both caps away', async (t) => {
  const server = await startServer(t, { maxConnections: 0, maxConnectionsPerAddress: 0 })
  const sockets = await Promise.all(Array.from({ length: 50 }, () => openSocket(t, server)))
  assert.deepEqual(
    await Promise.all(sockets.map(isServed)),
    sockets.map(() => true),
  )
})

test('closed connections that do not hang up are told why only up to a number; past it they are refused unopened', async (t) => {
  const server = await startServer(t, { maxConnections: 1 })
  assert.equal(await isServed(await openSocket(t, server)), true)
  const lines: Socket[] = []
  const statuses: string[] = []
  // Sockets that take the close frame and stay, as no WebSocket library does.
  for (let i = 0; i <= 100; i++) {
    const { socket, answer } = await openRawWebSocket(t, server.port)
    statuses.push(answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 101'.length))
    lines.push(socket)
  }
  assert.deepEqual([statuses[0], statuses[99], statuses[100]], ['101', '101', '503'])
  for (const line of lines) line.destroy()
})

test('who runs the server learns of each connection that was turned away', async (t) => {
  const turnedAway: unknown[] = []
  const observer = observing({ onTurnAway: (address, { code }) => void turnedAway.push([address, code]) })
  const server = await startServer(t, { trustProxy: 1, maxConnectionsPerAddress: 1, observer })
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) await openFrom(t, server, address)
  assert.deepEqual(turnedAway, [['192.0.2.1', 4429]])
  assert.match(await (await fetch(`${server.url}/metrics`)).text(), /^natter_closed_total\{code="4429"\} 1$/m)
})

const LIVE = 'GET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** Opens so many sockets that say nothing, which the kernel has accepted when this resolves. */
async function openSilent(t: TestContext, server: TestServer, count: number): Promise<readonly Socket[]> {
  const lines = Array.from({ length: count }, () => openLine(t, server.port))
  await Promise.all(lines.map((line) => once(line, 'connect')))
  return lines
}

test('sockets that say nothing are hung up on past what one address may hold; one that ends makes room', async (t) => {
  const server = await startServer(t, { maxConnectionsPerAddress: 1 })
  const lines = await openSilent(t, server, 257)
  assert.equal(await exchange(t, server.port, LIVE).catch(() => ''), '')
  lines[0]?.destroy()
  // The server may learn of it later than we do.
  while ((await exchange(t, server.port, LIVE).catch(() => '')) === '');
})

test('behind a proxy, whose sockets they all are, only their number in all counts', async (t) => {
  const server = await startServer(t, { maxConnections: 1, maxConnectionsPerAddress: 1, trustProxy: 1 })
  await openSilent(t, server, 1_024)
  assert.match(await exchange(t, server.port, LIVE), /^HTTP\/1\.1 200 /)
  await openSilent(t, server, 1)
  assert.equal(await exchange(t, server.port, LIVE).catch(() => ''), '')
})
