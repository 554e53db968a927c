/** A handle as the server takes it: trimmed, in one line, no longer than it may be; empty where nothing is left. */
export function cleanHandle(typed: string, maxCodePoints: number): string {
  const oneLine = typed.toWellFormed().replace(/[\p{Cc}\s]+/gu, ' ')
  return Array.from(oneLine.trim()).slice(0, maxCodePoints).join('').trim()
}
