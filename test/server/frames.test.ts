import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet, NO_RATE_LIMITS, openSocket, startServer } from '../helpers.ts'
import { clientFrame, closeOf, OPCODE, openRawWebSocket, readFrame } from './raw.ts'

const HELLO = '{"type":"hello","id":1,"name":"Ada"}'
const JOIN = '{"type":"join","id":2,"room":"tea"}'

// Everybody in a room gets the same bytes, written past ws. That is right only while no connection has negotiated
// compression and nothing is sent in fragments: these two tests fail where either is switched on.
test('no extension is accepted, whatever a client offers', async (t) => {
  const server = await startServer(t)
  const { socket, answer } = await openRawWebSocket(t, server.port, {
    'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame',
  })
  assert.match(answer, /^HTTP\/1\.1 101 /)
  assert.doesNotMatch(answer, /Sec-WebSocket-Extensions/i)
  socket.destroy()
})

test('every frame to a client is whole, uncompressed, unmasked text, also long ones among pongs', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  const { socket } = await openRawWebSocket(t, server.port, { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
  socket.write(Buffer.concat([clientFrame(OPCODE.text, HELLO), clientFrame(OPCODE.text, JOIN)]))
  const ada = await greet(t, server)
  const texts = ['a', 'b'.repeat(100), 'c'.repeat(4_000), 'd'.repeat(200)]
  for (const [index, text] of texts.entries()) {
    await ada.ask({ type: 'post', room: 'tea', key: `key-${index}-${'0'.repeat(8)}`, text })
    socket.write(clientFrame(OPCODE.ping, String(index)))
  }
  const seen: string[] = []
  const pongs: string[] = []
  while (seen.length < texts.length || pongs.length < texts.length) {
    const frame = await readFrame(socket)
    assert.deepEqual([frame.fin, frame.reserved, frame.isMasked], [true, 0, false])
    if (frame.opcode === OPCODE.pong) pongs.push(frame.payload.toString())
    else assert.equal(frame.opcode, OPCODE.text)
    if (frame.opcode !== OPCODE.text) continue
    const event = JSON.parse(frame.payload.toString()) as { type: string; message?: { text: string } }
    if (event.type === 'change') seen.push(event.message?.text ?? '')
  }
  assert.deepEqual(seen, texts)
  assert.deepEqual(pongs, ['0', '1', '2', '3'])
  socket.destroy()
})

/** What a client may not send, and the code its connection is closed with. */
const FORBIDDEN: Readonly<Record<string, readonly [bytes: Buffer, code: number]>> = {
  'a binary frame': [clientFrame(OPCODE.binary, 'hi'), 1003],
  'a frame over 64 KiB': [clientFrame(OPCODE.text, 'x'.repeat(65_537)), 1009],
  'fragments over 64 KiB together': [
    Buffer.concat([
      clientFrame(OPCODE.text, 'x'.repeat(40_000), false),
      clientFrame(OPCODE.continuation, 'x'.repeat(40_000), true),
    ]),
    1009,
  ],
  'more fragments than anybody needs': [
    Buffer.concat([
      clientFrame(OPCODE.text, 'x', false),
      ...Array.from({ length: 64 }, () => clientFrame(OPCODE.continuation, 'x', false)),
    ]),
    1008,
  ],
  'text that is not UTF-8': [clientFrame(OPCODE.text, Buffer.from([0xff, 0xfe])), 1007],
  'a frame without a mask': [Buffer.from([0x81, 0x02, 0x68, 0x69]), 1002],
  'reserved bits': [Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
  'an unknown opcode': [Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
  'a continuation of nothing': [clientFrame(OPCODE.continuation, 'x'), 1002],
  'a ping of 126 bytes': [clientFrame(OPCODE.ping, 'x'.repeat(126)), 1002],
}

for (const [fault, [bytes, code]] of Object.entries(FORBIDDEN)) {
  test(`${fault} ends the connection with ${code}, and only that one`, async (t) => {
    const server = await startServer(t)
    const other = await greet(t, server)
    const { socket } = await openRawWebSocket(t, server.port)
    socket.write(bytes)
    assert.equal((await closeOf(socket)).code, code)
    socket.destroy()
    assert.equal((await other.ask({ type: 'join', room: 'tea' }))['type'], 'joined')
  })
}

test('a frame of 64 KiB is taken', async (t) => {
  const server = await startServer(t)
  const socket = await openSocket(t, server)
  const hello = '{"type":"hello","id":1,"name":"Ada","padding":"'
  socket.ws.send(`${hello}${'x'.repeat(65_536 - hello.length - 2)}"}`)
  assert.equal((await socket.next())['type'], 'welcome')
})

test('a command in pieces is put together', async (t) => {
  const server = await startServer(t)
  const { socket } = await openRawWebSocket(t, server.port)
  socket.write(clientFrame(OPCODE.text, HELLO.slice(0, 10), false))
  socket.write(clientFrame(OPCODE.continuation, HELLO.slice(10)))
  assert.match((await readFrame(socket)).payload.toString(), /"welcome"/)
  socket.destroy()
})

test('a larger frame is taken where the limit is, and any where there is none', async (t) => {
  const hello = { type: 'hello', name: 'Ada', padding: 'x'.repeat(200_000) }
  for (const frameBytes of [300_000, 0]) {
    const server = await startServer(t, { limits: { frameBytes } })
    assert.equal((await (await openSocket(t, server)).ask(hello))['type'], 'welcome')
  }
})

test('a client that vanishes without a word disturbs nobody', async (t) => {
  const server = await startServer(t)
  const ada = await greet(t, server)
  await ada.ask({ type: 'join', room: 'tea' })
  const { socket } = await openRawWebSocket(t, server.port)
  socket.write(Buffer.concat([clientFrame(OPCODE.text, HELLO), clientFrame(OPCODE.text, JOIN)]))
  await ada.next(({ type, count }) => type === 'presence' && count === 2)
  socket.resetAndDestroy()
  assert.equal((await ada.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 'still here' }))['type'], 'ack')
})
