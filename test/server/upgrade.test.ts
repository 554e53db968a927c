import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { openSocket, startServer } from '../helpers.ts'
import { closeOf, exchange, openRawWebSocket, upgradeRequest } from './raw.ts'

/** What is wrong with a request to upgrade, and the status it is answered with. */
const MALFORMED: Readonly<Record<string, readonly [request: string, status: number]>> = {
  'HTTP/1.0': [upgradeRequest({}, { version: '1.0' }), 400],
  'two Host headers': [upgradeRequest({}, { extra: 'Host: other.example\r\n' }), 400],
  'no Host header': [upgradeRequest({ Host: undefined }), 400],
  'a body of known length': [`${upgradeRequest({ 'Content-Length': '5' })}hello`, 400],
  'a body in chunks': [`${upgradeRequest({ 'Transfer-Encoding': 'chunked' })}5\r\nhello\r\n0\r\n\r\n`, 400],
  'a target that a URL parser takes for a host': [upgradeRequest({}, { target: '//evil.example/ws' }), 404],
  'a target on another host': [upgradeRequest({}, { target: 'http://evil.example/' }), 404],
  'a path that is not the chat’s': [upgradeRequest({}, { target: '/socket' }), 404],
  'a path of the chat that is no WebSocket': [upgradeRequest({}, { target: '/r/tea' }), 404],
  'another method': [upgradeRequest({}, { method: 'POST' }), 405],
  'a draft of the protocol': [upgradeRequest({ 'Sec-WebSocket-Version': '8' }), 426],
  'no version': [upgradeRequest({ 'Sec-WebSocket-Version': undefined }), 426],
  'no key': [upgradeRequest({ 'Sec-WebSocket-Key': undefined }), 400],
  'a malformed key': [upgradeRequest({ 'Sec-WebSocket-Key': 'short' }), 400],
  'malformed subprotocols': [upgradeRequest({ 'Sec-WebSocket-Protocol': 'natter.v1,,' }), 400],
}

for (const [fault, [request, status]] of Object.entries(MALFORMED)) {
  test(`an upgrade with ${fault} is answered ${status} and ended`, async (t) => {
    const server = await startServer(t)
    assert.match(
      await exchange(t, server.port, request),
      new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nConnection: close\r\n`),
    )
    await openSocket(t, server) // it lives on
  })
}

test('a version that is not spoken is answered with the one that is', async (t) => {
  const server = await startServer(t)
  assert.match(
    await exchange(t, server.port, upgradeRequest({ 'Sec-WebSocket-Version': '7' })),
    /\r\nSec-WebSocket-Version: 13\r\n/,
  )
})

test('an offer to upgrade to another protocol is declined with an ordinary answer', async (t) => {
  const server = await startServer(t)
  const request = 'GET /live HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n'
  assert.match(await exchange(t, server.port, request), /^HTTP\/1\.1 200 [^]*\r\n\r\nlive\n$/)
})

test('the subprotocol is chosen among those offered', async (t) => {
  const server = await startServer(t)
  const { socket, answer } = await openRawWebSocket(t, server.port, { 'Sec-WebSocket-Protocol': 'chat, natter.v1' })
  socket.destroy()
  assert.match(answer, /^HTTP\/1\.1 101 [^]*\r\nSec-WebSocket-Protocol: natter\.v1\r\n/)
})

test('where only others are offered none is chosen, and the connection ends with 1002', async (t) => {
  const server = await startServer(t)
  const ws = new WebSocket(server.socketUrl, 'natter.v9')
  t.after(() => ws.terminate())
  const [error] = (await once(ws, 'error')) as [Error]
  assert.equal(error.message, 'Server sent no subprotocol')
  const { socket } = await openRawWebSocket(t, server.port, { 'Sec-WebSocket-Protocol': 'natter.v9' })
  assert.equal((await closeOf(socket)).code, 1002)
  socket.destroy()
})

test('without a subprotocol the plain dialect is spoken', async (t) => {
  const server = await startServer(t)
  const plain = await openSocket(t, server, { subprotocol: undefined })
  plain.send({ handle: 'ada', text: 'hi' })
  assert.deepEqual(await plain.next(), { handle: 'ada', text: 'hi' })
})

test('where the plain dialect is off, a connection without a subprotocol ends with 4403 and is told what to ask for', async (t) => {
  const server = await startServer(t, { plain: false })
  const { code, reason } = await (await openSocket(t, server, { subprotocol: undefined })).closed
  assert.equal(code, 4403)
  assert.match(reason, /natter\.v1/)
})

test('the plain dialect is off where there is no lobby to speak in', async (t) => {
  const server = await startServer(t, { rooms: ['tea'] })
  assert.equal((await (await openSocket(t, server, { subprotocol: undefined })).closed).code, 4403)
})
