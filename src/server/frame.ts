import type { EncodeFrame } from '../chat/transport.ts'

/** FIN and the opcode of text: a whole message (RFC 6455 §5.2). */
const WHOLE_TEXT = 0x81
/** Up to this many bytes of payload the length stands in the second byte; else it says how many bytes behind it do. */
const MAX_LENGTH_IN_PLACE = 125
const LENGTH_IN_2_BYTES = 126
const LENGTH_IN_8_BYTES = 127

/**
 * One text frame, ready for any connection: whole, not masked (only clients mask), not compressed.
 * Where one connection had negotiated compression or was in the middle of a fragmented message, the same bytes would be
 * wrong there; so neither is ever on (see `websocket.ts`).
 */
export const encodeFrame: EncodeFrame = (json) => {
  const length = Buffer.byteLength(json)
  const start = length <= MAX_LENGTH_IN_PLACE ? 2 : length < 2 ** 16 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = WHOLE_TEXT
  if (start === 2) frame[1] = length
  else if (start === 4) {
    frame[1] = LENGTH_IN_2_BYTES
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = LENGTH_IN_8_BYTES
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(json, start)
  return frame
}
