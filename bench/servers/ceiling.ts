/**
 * No peer, but the measure of the load generator: a server that does next to nothing. It speaks just enough of RFC 6455 for the generator,
 * and sends all that came in one turn of the event loop to everyone as one buffer. What the generator counts here, it can count.
 *
 * `node ceiling.ts <port>`; frames are as long as Natter's `change` events.
 */
import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'

const FRAME_BYTES = 360
const OPCODE_TEXT = 0x81
const SPACE = 0x20

const sockets = new Set<Socket>()
let batch: Buffer[] = []

createServer({ noDelay: true }, (socket) => {
  let unread: Buffer = Buffer.alloc(0)
  socket.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data])
    if (!sockets.has(socket)) unread = upgrade(socket, unread)
    if (sockets.has(socket)) unread = readFrames(unread)
  })
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => sockets.delete(socket))
}).listen(Number(process.argv[2]), '127.0.0.1')

function upgrade(socket: Socket, data: Buffer): Buffer {
  const end = data.indexOf('\r\n\r\n')
  if (end < 0) return Buffer.from(data)
  const key = /^sec-websocket-key: (.*)$/im.exec(data.toString('latin1', 0, end))?.[1]?.trim()
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  sockets.add(socket)
  return Buffer.from(data.subarray(end + 4))
}

/** The generator's frames are masked, and longer than 125 bytes but for pongs. */
function readFrames(data: Buffer): Buffer {
  let at = 0
  while (data.length - at >= 8) {
    const long = (data.readUInt8(at + 1) & 0x7f) === 126
    const length = long ? data.readUInt16BE(at + 2) : data.readUInt8(at + 1) & 0x7f
    const maskAt = at + (long ? 4 : 2)
    if (data.length < maskAt + 4 + length) break
    publish(data.subarray(maskAt, maskAt + 4), data.subarray(maskAt + 4, maskAt + 4 + length))
    at = maskAt + 4 + length
  }
  return Buffer.from(data.subarray(at))
}

function publish(mask: Buffer, payload: Buffer): void {
  const frame = Buffer.alloc(FRAME_BYTES, SPACE)
  frame.writeUInt8(OPCODE_TEXT, 0)
  frame.writeUInt8(126, 1)
  frame.writeUInt16BE(FRAME_BYTES - 4, 2)
  for (const [index, byte] of payload.entries())
    frame[FRAME_BYTES - payload.length + index] = byte ^ (mask[index & 3] ?? 0)
  if (batch.push(frame) === 1) setImmediate(deliver)
}

function deliver(): void {
  const frames = Buffer.concat(batch)
  batch = []
  for (const socket of sockets) socket.write(frames)
}
