import { ChatError } from '../protocol/errors.ts'
import type { Limits } from '../protocol/limits.ts'

/** Bytes of a frame that are not its text, generously. */
const ENVELOPE_BYTES = 1_024

/** @throws {ChatError} where the server would refuse a message of this text, or even end the connection because of its size. */
export function checkText(text: string, { textCodePoints, frameBytes }: Limits): void {
  if (text.trim() === '') throw new ChatError('text_blank', 'a message needs more than white space')
  if (!text.isWellFormed() || text.includes('\0')) {
    throw new ChatError('bad_text', 'a message must hold no lone surrogate and no NUL')
  }
  if (textCodePoints > 0 && text.length > textCodePoints && Array.from(text).length > textCodePoints) {
    throw new ChatError('text_too_long', `a message may hold ${textCodePoints} characters at most`)
  }
  const bytes = new TextEncoder().encode(JSON.stringify(text)).length + ENVELOPE_BYTES
  if (frameBytes > 0 && bytes > frameBytes) {
    throw new ChatError('text_too_long', `a message may hold ${frameBytes - ENVELOPE_BYTES} bytes at most`)
  }
}
