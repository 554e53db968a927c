import { Sender } from 'ws'
import type { EncodeFrame } from '../chat/transport.ts'

/** RFC 6455 §5.2. */
const OPCODE_TEXT = 0x1

/**
 * One text frame, ready for any connection: whole (`fin`), not masked (only clients mask), not compressed (`rsv1` off).
 * Where one connection had negotiated compression or was in the middle of a fragmented message, the same bytes would be
 * wrong there; so neither is ever on (see `websocket.ts`).
 */
export const encodeFrame: EncodeFrame = (json) =>
  Buffer.concat(
    Sender.frame(Buffer.from(json), { fin: true, opcode: OPCODE_TEXT, mask: false, rsv1: false, readOnly: true }),
  )
