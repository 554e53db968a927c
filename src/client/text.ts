import { ChatError } from '../protocol/errors.ts'
import type { Limits } from '../protocol/limits.ts'

/** @throws {ChatError} where the server would refuse a message of this text, or even end the connection because of its size. */
export function checkText(text: string, { textCodePoints }: Limits): void {
  if (text.trim() === '') throw new ChatError('text_blank', 'a message needs more than white space')
  if (!text.isWellFormed() || text.includes('\0')) {
    throw new ChatError('bad_text', 'a message must hold no lone surrogate and no NUL')
  }
  const isTooLong = textCodePoints > 0 && text.length > textCodePoints && Array.from(text).length > textCodePoints
  if (isTooLong) throw new ChatError('text_too_long', `a message may hold ${textCodePoints} characters at most`)
}
