import type { Retention, RetentionBounds } from '../chat/retention.ts'
import { parseCount } from './parse-count.ts'

/** How much is kept of every room; or what says it for the room of that name, at once. */
export type RetentionOption = RetentionBounds | ((room: string) => RetentionBounds | null | undefined)

/**
 * Undefined where nothing is ever to be removed. What a function answers is checked when it does.
 *
 * @throws TypeError or RangeError that names the option and the value it got.
 */
export function resolveRetention(retention: RetentionOption | undefined): Retention | undefined {
  if (retention === undefined) return undefined
  if (typeof retention === 'function') return (room) => parseBounds(`retention(${room})`, retention(room) ?? {})
  const bounds = parseBounds('retention', retention)
  return bounds.maxAgeMs === 0 && bounds.maxMessages === 0 ? undefined : () => bounds
}

function parseBounds(name: string, bounds: unknown): ReturnType<Retention> {
  if (typeof bounds !== 'object' || bounds === null || Object.keys(bounds).some((key) => !isBound(key)))
    throw new TypeError(`${name}: must be an object with maxAgeMs, maxMessages or both, not ${JSON.stringify(bounds)}`)
  if (bounds instanceof Promise) throw new TypeError(`${name}: must be known at once, and is a promise`)
  const { maxAgeMs = 0, maxMessages = 0 }: RetentionBounds = bounds
  return {
    maxAgeMs: parseCount(`${name}.maxAgeMs`, maxAgeMs),
    maxMessages: parseCount(`${name}.maxMessages`, maxMessages),
  }
}

/** A bound whose name was mistyped would keep everything, for good. */
function isBound(key: string): boolean {
  return key === 'maxAgeMs' || key === 'maxMessages'
}
