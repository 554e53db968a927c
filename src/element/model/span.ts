import type { RoomView } from '../../client/types.ts'

/** Rows in the document at most: more make every layout slow, and nobody sees them. */
export const MAX_ROWS = 300

/** Rows that come in at an edge at a time. */
const STEP = 100

/** What part of a room's loaded messages is in the document: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type Timeline = Pick<RoomView, 'messages' | 'hasOlder' | 'hasNewer'>

/** The newest messages. */
export function latestSpan(timeline: Timeline): Span {
  const end = timeline.messages.length
  return { start: Math.max(firstShown(timeline), end - STEP), end }
}

/** The messages on both sides of the one at `index`. */
export function spanAround(index: number, timeline: Timeline): Span {
  const start = Math.max(firstShown(timeline), index - STEP)
  return { start, end: Math.min(timeline.messages.length, start + 2 * STEP) }
}

/** One step more of the older ones; what is then too much goes at the other end. */
export function growOlder({ start, end }: Span, timeline: Timeline): Span {
  const grown = Math.max(firstShown(timeline), start - STEP)
  return { start: grown, end: Math.min(end, grown + MAX_ROWS) }
}

/** One step more of the newer ones. */
export function growNewer({ start, end }: Span, { messages }: Timeline): Span {
  const grown = Math.min(messages.length, end + STEP)
  return { start: Math.max(start, grown - MAX_ROWS), end: grown }
}

/**
 * The same rows after the messages changed. New ones at the end are let in while there is room; a reader who is `following`
 * the newest always gets them, at the cost of the oldest rows.
 */
export function keepSpan(span: Span, before: Timeline, after: Timeline, following: boolean): Span {
  const places = new Map(after.messages.map(({ uid }, index) => [uid, index]))
  const kept = before.messages.slice(span.start, span.end).flatMap(({ uid }) => places.get(uid) ?? [])
  const [first] = kept
  const last = kept.at(-1)
  if (first === undefined || last === undefined) return latestSpan(after)

  const reachedEnd = span.end === before.messages.length && !before.hasNewer
  const end = reachedEnd ? after.messages.length : last + 1
  const start = Math.max(first, firstShown(after))
  return following ? { start: Math.max(start, end - MAX_ROWS), end } : { start, end: Math.min(end, start + MAX_ROWS) }
}

/**
 * While there are older ones, the oldest loaded message is not shown: it tells whether the one after it starts a day or a
 * group. A row's shape is then final from its first frame, and nothing shifts when what came before it is loaded.
 */
export function firstShown({ messages, hasOlder }: Timeline): number {
  return hasOlder && messages.length > 1 ? 1 : 0
}
