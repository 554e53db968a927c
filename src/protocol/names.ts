/** Controls, and the marks that turn the direction of what follows: a name with them could pass for another. */
const UNFIT = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/** A name as everybody sees it: without white space around it, composed (NFC). */
export function normalizeName(name: string): string {
  return name.trim().normalize('NFC')
}

/** Whether a normalized name may stand beside a message. */
export function isName(name: string, maxCodePoints: number): boolean {
  return name !== '' && name.search(UNFIT) < 0 && Array.from(name).length <= maxCodePoints
}

/** Makes a name of what somebody typed: in one line, normalized, no longer than it may be; empty where nothing is left. */
export function cleanName(typed: string, maxCodePoints = Infinity): string {
  const oneLine = typed.toWellFormed().replace(UNFIT, ' ').replace(/\s+/g, ' ')
  return Array.from(normalizeName(oneLine)).slice(0, maxCodePoints).join('').trim()
}
