/** @throws RangeError that names the option and the value it got. */
export function parseCount(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`${name}: must be a whole number from 0 up, not ${String(value)}`)
}
