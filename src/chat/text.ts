import { ChatError } from '../protocol/errors.ts'
import { isName, normalizeName } from '../protocol/names.ts'

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
  const normalized = normalizeName(name)
  if (!isName(normalized, maxCodePoints)) {
    throw new ChatError(
      'bad_command',
      `a name must be 1 to ${maxCodePoints} code points, without control characters and marks of direction`,
    )
  }
  return normalized
}

function countCodePoints(text: string): number {
  let surrogatePairs = 0
  for (let index = 0; index < text.length; index++) {
    if (text.codePointAt(index)! > 0xffff) surrogatePairs++
  }
  return text.length - surrogatePairs
}
