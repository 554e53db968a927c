import { MAX_PAGE_UNITS } from '../protocol/limits.ts'
import type { StoredMessage } from './backend.ts'

export interface TakenPage {
  readonly messages: StoredMessage[]
  /** Whether there was a message left to take. */
  readonly more: boolean
}

/** Takes messages while they fit a page: `limit` of them, and {@link MAX_PAGE_UNITS} UTF-16 units of body. The first always fits. */
export function takePage(candidates: Iterable<StoredMessage>, limit: number): TakenPage {
  const messages: StoredMessage[] = []
  let units = 0
  for (const candidate of candidates) {
    units += candidate.body.length
    if (messages.length > 0 && (messages.length >= limit || units > MAX_PAGE_UNITS)) return { messages, more: true }
    messages.push(candidate)
  }
  return { messages, more: false }
}

/** Takes a page outwards from `centre`, in turn from either side, nearest first, and all from one side once the other has no more. */
export function takePageAround(
  centre: StoredMessage,
  older: Iterable<StoredMessage>,
  newer: Iterable<StoredMessage>,
  limit: number,
): { readonly messages: StoredMessage[]; readonly hasOlder: boolean; readonly hasNewer: boolean } {
  // Either side alone could fill the page: with this much of both, no row is read that could not have been in it.
  const sides = { older: takePage(older, limit), newer: takePage(newer, limit) }
  const outwards = takePage(alternate(centre, sides.older.messages, sides.newer.messages), limit).messages
  const messages = outwards.toSorted((a, b) => a.seq - b.seq)
  const olderTaken = messages.indexOf(centre)
  const newerTaken = messages.length - olderTaken - 1
  return {
    messages,
    hasOlder: sides.older.more || olderTaken < sides.older.messages.length,
    hasNewer: sides.newer.more || newerTaken < sides.newer.messages.length,
  }
}

function* alternate(
  centre: StoredMessage,
  older: readonly StoredMessage[],
  newer: readonly StoredMessage[],
): Generator<StoredMessage> {
  yield centre
  for (let i = 0; i < Math.max(older.length, newer.length); i++) {
    const [left, right] = [older[i], newer[i]]
    if (left) yield left
    if (right) yield right
  }
}
