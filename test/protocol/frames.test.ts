import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { greet } from './peer.ts'
import type { Peer } from './peer.ts'
import { PlainPeer } from './plain-peer.ts'
import { closeCodeOf, maskedFrame, openRaw } from './raw-socket.ts'
import { findTarget, newKey, newRoom } from './target.ts'

const LIMIT = 65_536

/** Somebody else, who must be able to go on. */
async function bystander(t: TestContext, url: string): Promise<() => Promise<void>> {
  const [peer, room] = [await greet(t, url), newRoom()]
  return async () => void (await peer.post(room, 'still here'))
}

/** A command that fills a frame of exactly `bytes` bytes. */
function historyOf(bytes: number, id: number): string {
  const frame = JSON.stringify({ type: 'history', id, room: 'suite', padding: '' })
  return frame.replace('"padding":""', `"padding":"${'x'.repeat(bytes - frame.length)}"`)
}

/** Sends text in pieces. */
function sendFragments(peer: Peer, pieces: readonly string[]): void {
  pieces.forEach((piece, index) => peer.ws.send(piece, { fin: index === pieces.length - 1 }))
}

test('a binary frame ends the connection with 1003', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const [peer, plain] = [await greet(t, url), await PlainPeer.connect(t, url)]
  for (const one of [peer, plain]) {
    one.sendRaw(Buffer.from('{"type":"history","id":9,"room":"suite"}'))
    assert.equal((await one.ended()).code, 1003)
  }
  await goOn()
})

test('text that is not UTF-8 ends the connection with 1007', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const unfinished = [0xe2, 0x82]
  const surrogate = [0xed, 0xa0, 0x80]
  const overlong = [0xc0, 0xaf]
  for (const bytes of [unfinished, surrogate, overlong, [0xff]]) {
    const peer = await greet(t, url)
    peer.ws.send(Buffer.concat([Buffer.from('{"type":"'), Buffer.from(bytes)]), { binary: false })
    assert.equal((await peer.ended()).code, 1007)
  }
  await goOn()
})

test('a frame of 64 KiB is read, a larger one ends the connection with 1009', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const peer = await greet(t, url)
  peer.sendRaw(historyOf(LIMIT, 2))
  await peer.answer('page', 2)
  peer.sendRaw(historyOf(LIMIT + 1, 3))
  assert.equal((await peer.ended()).code, 1009)
  await goOn()
})

test('fragments together may hold as much as a frame, and be 64', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const whole = historyOf(LIMIT, 2)
  const inPieces = await greet(t, url)
  sendFragments(inPieces, whole.match(/.{1024}/g)!)
  await inPieces.answer('page', 2)
  const tooBig = await greet(t, url)
  sendFragments(tooBig, [whole, 'x'])
  assert.equal((await tooBig.ended()).code, 1009)
  const tooMany = await greet(t, url)
  sendFragments(
    tooMany,
    Array.from({ length: 65 }, () => ' '),
  )
  assert.equal((await tooMany.ended()).code, 1008)
  await goOn()
})

test('a message that is never finished keeps nobody waiting but its sender', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const peer = await greet(t, url)
  peer.ws.send('{"type":"post"', { fin: false })
  await goOn()
  peer.ws.send(`,"id":2,"room":"${newRoom()}","key":"${newKey()}","text":"hi"}`)
  await peer.answer('ack', 2)
})

test('what is not a WebSocket frame of a client ends the connection with 1002', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const text = 0x81
  const broken = {
    'not masked': Buffer.from([text, 2, 0x7b, 0x7d]),
    'a reserved opcode': maskedFrame(0x83, '{}'),
    'a reserved bit': maskedFrame(text | 0x40, '{}'),
    'a fragment of nothing': maskedFrame(0x80, '{}'),
    'a fragmented ping': maskedFrame(0x09, ''),
  }
  for (const [fault, bytes] of Object.entries(broken)) {
    const socket = await openRaw(t, url)
    socket.write(bytes)
    assert.equal(await closeCodeOf(socket), 1002, fault)
  }
  await goOn()
})

test('a client that asks for another subprotocol gets none', async (t) => {
  const ws = new WebSocket(await findTarget(t), ['natter.v9'])
  t.after(() => ws.terminate())
  const { promise, resolve } = Promise.withResolvers<Error>()
  ws.on('error', resolve)
  assert.match((await promise).message, /subprotocol/)
})

test('a line that is cut in the middle of a frame disturbs nobody', async (t) => {
  const url = await findTarget(t)
  const goOn = await bystander(t, url)
  const socket = await openRaw(t, url)
  socket.write(maskedFrame(0x81, '{"type":"hello","id":1}').subarray(0, 12))
  socket.destroy()
  await goOn()
})
