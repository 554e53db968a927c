import { randomBytes } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { TestContext } from 'node:test'
import type { Duplex } from 'node:stream'
import { SUBPROTOCOL } from '../../src/protocol/limits.ts'

/** RFC 6455 §5.2: the opcode of a close frame, with the bit of a message's last fragment. */
const CLOSE_FRAME = 0x88

/** The bytes below a WebSocket, for what no client library would send. Destroyed when the test ends. */
export async function openRaw(t: TestContext, url: string): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const request = url.startsWith('wss:') ? requestHttps : requestHttp
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': SUBPROTOCOL,
  }
  request(url.replace(/^ws/, 'http'), { headers })
    .on('upgrade', (_response, socket) => resolve(socket))
    .on('error', reject)
    .end()
  const socket = await promise
  t.after(() => socket.destroy())
  return socket
}

/** One frame from a client: masked with zeros, so that its payload stays readable. */
export function maskedFrame(firstByte: number, payload: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(payload)
  return Buffer.concat([Buffer.from([firstByte, 0x80 | bytes.byteLength, 0, 0, 0, 0]), bytes])
}

/** The close code of the first frame that comes, which must be a close frame. */
export async function closeCodeOf(socket: Duplex): Promise<number> {
  let received = Buffer.alloc(0)
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer])
    if (received.byteLength >= 4) break
  }
  if (received[0] !== CLOSE_FRAME) throw new Error(`not a close frame: ${received.toString('hex')}`)
  return received.readUInt16BE(2)
}
