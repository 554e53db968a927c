/** Why a text cannot be sent as it is. */
export type TextProblem = { readonly kind: 'blank' } | { readonly kind: 'long'; readonly says: string }

/** What stands in the way of sending `text`; undefined where nothing does. */
export function checkText(text: string, maxCodePoints: number): TextProblem | undefined {
  const clean = cleanText(text)
  if (clean.trim() === '') return { kind: 'blank' }
  // A text has no more code points than units, so nearly all of them need not be counted.
  const excess = clean.length > maxCodePoints ? Array.from(clean).length - maxCodePoints : 0
  if (excess <= 0) return undefined
  const characters = excess === 1 ? 'character' : 'characters'
  return { kind: 'long', says: `${excess.toLocaleString()} ${characters} too many` }
}

/** `text` without what the wire does not take (NUL, half a surrogate pair) and without the blank end that nobody meant to send. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().trimEnd()
}
