const HUES = 12

/** One or two letters that stand for a name: of its first and its last word. */
export function initialsOf(name: string, letters: 1 | 2 = 2): string {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const [first = name.trim(), ...rest] = words
  const last = letters === 2 ? rest.at(-1) : undefined
  return (firstGrapheme(first) + firstGrapheme(last ?? '')).toLocaleUpperCase()
}

/** A colour's angle, the same for a user wherever and whenever it is drawn. */
export function hueOf(userId: string): number {
  let hash = 0
  for (let index = 0; index < userId.length; index += 1) hash = (Math.imul(hash, 31) + userId.charCodeAt(index)) >>> 0
  // Ids that differ in one letter at the end should not be neighbours on the wheel.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
  return (hash % HUES) * (360 / HUES)
}

/** "Ann", "Ann and Bob", "Ann, Bob and 3 more". */
export function listNames(names: readonly string[], named = 10): string {
  const shown = names.slice(0, named)
  const hidden = names.length - shown.length
  if (hidden > 0) return `${shown.join(', ')} and ${hidden} more`
  const last = shown.pop()
  return shown.length > 0 ? `${shown.join(', ')} and ${last}` : (last ?? '')
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment
  return ''
}
