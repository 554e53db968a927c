import { ChatError } from '../protocol/errors.ts'

/** Controls, and the marks that turn the direction of what follows: a name with them could pass for another. */
const UNFIT_FOR_NAMES = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u

/**
 * Lets a message's text through as it is.
 *
 * @throws {ChatError} `text_blank`, `text_too_long`
 */
export function checkText(text: string, maxCodePoints: number): void {
  if (!/\S/u.test(text)) throw new ChatError('text_blank', 'a message needs more than white space')
  if (text.length <= maxCodePoints) return
  const excess = countCodePoints(text) - maxCodePoints
  if (excess > 0)
    throw new ChatError(
      'text_too_long',
      `the text is ${excess} over the ${maxCodePoints} code points a message may have`,
    )
}

/**
 * A guest's name, trimmed.
 *
 * @throws {ChatError} `bad_command`
 */
export function parseName(name: string, maxCodePoints: number): string {
  const trimmed = name.trim().normalize('NFC')
  if (trimmed === '' || countCodePoints(trimmed) > maxCodePoints || UNFIT_FOR_NAMES.test(trimmed)) {
    throw new ChatError('bad_command', `a name must be 1 to ${maxCodePoints} code points, without control characters`)
  }
  return trimmed
}

function countCodePoints(text: string): number {
  let surrogatePairs = 0
  for (let index = 0; index < text.length; index++) {
    if (text.codePointAt(index)! > 0xffff) surrogatePairs++
  }
  return text.length - surrogatePairs
}
