import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A TCP connection to a server, for what no HTTP or WebSocket client would send. */
export function openLine(t: TestContext, port: number): Socket {
  const socket = connect({ port, host: 'localhost' })
  // Being cut off is what some of the tests want to see.
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  return socket
}

/** Sends `text` and resolves to everything that comes back until the server ends the connection. */
export async function exchange(t: TestContext, port: number, text: string): Promise<string> {
  const socket = openLine(t, port)
  socket.write(text)
  let answer = ''
  for await (const chunk of socket.setEncoding('latin1')) answer += String(chunk)
  return answer
}

/** The lines of a request to open a WebSocket, with `changes` to its headers; an undefined value leaves one out. */
export function upgradeRequest(
  changes: Readonly<Record<string, string | undefined>> = {},
  { target = '/', method = 'GET', version = '1.1', extra = '' } = {},
): string {
  const headers = {
    Host: 'chat.example',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'bmF0dGVyIG5hdHRlciBuYQ==',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'natter.v1',
    ...changes,
  }
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${target} HTTP/${version}\r\n${lines.join('')}${extra}\r\n`
}

/** Opens a WebSocket by hand and resolves to its socket, once the server's answer has been read from it. */
export async function openRawWebSocket(
  t: TestContext,
  port: number,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly socket: Socket; readonly answer: string }> {
  const socket = openLine(t, port)
  socket.write(upgradeRequest(changes))
  let answer = ''
  while (!answer.includes('\r\n\r\n')) answer += (await readByte(socket)).toString('latin1')
  return { socket, answer }
}

export interface RawFrame {
  readonly fin: boolean
  /** RSV1 to RSV3, as one number: 0 where no extension is at work. */
  readonly reserved: number
  readonly opcode: number
  readonly isMasked: boolean
  readonly payload: Buffer
}

/** The next frame that a server sends (RFC 6455 §5.2). */
export async function readFrame(socket: Socket): Promise<RawFrame> {
  const [first = 0, second = 0] = await readBytes(socket, 2)
  const short = second & 0x7f
  const length =
    short === 126
      ? (await readBytes(socket, 2)).readUInt16BE()
      : short === 127
        ? Number((await readBytes(socket, 8)).readBigUInt64BE())
        : short
  return {
    fin: (first & 0x80) !== 0,
    reserved: (first >> 4) & 0b111,
    opcode: first & 0x0f,
    isMasked: (second & 0x80) !== 0,
    payload: await readBytes(socket, length),
  }
}

export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

/** One masked frame, as clients send them. The mask is zero: it is there, and changes nothing. */
export function clientFrame(opcode: number, payload: string | Buffer, fin = true): Buffer {
  const data = Buffer.from(payload)
  const header = Buffer.alloc(data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10)
  header[0] = (fin ? 0x80 : 0) | opcode
  header[1] = 0x80 | (data.length < 126 ? data.length : data.length < 65_536 ? 126 : 127)
  if (header.length === 4) header.writeUInt16BE(data.length, 2)
  if (header.length === 10) header.writeBigUInt64BE(BigInt(data.length), 2)
  return Buffer.concat([header, Buffer.alloc(4), data])
}

function readByte(socket: Socket): Promise<Buffer> {
  return readBytes(socket, 1)
}

async function readBytes(socket: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0)
  for (;;) {
    const bytes = socket.read(length) as Buffer | null
    if (bytes !== null && bytes.length === length) return bytes
    if (socket.readableEnded || socket.destroyed) throw new Error('the server ended the connection')
    await new Promise((resolve) => {
      socket.once('readable', resolve).once('close', resolve)
    })
  }
}

/** Reads up to the server's close frame. */
export async function closeOf(socket: Socket): Promise<{ readonly code: number; readonly reason: string }> {
  for (;;) {
    const { opcode, payload } = await readFrame(socket)
    if (opcode === OPCODE.close) return { code: payload.readUInt16BE(), reason: payload.toString('utf8', 2) }
  }
}
