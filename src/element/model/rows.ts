import type { TimelineMessage } from '../../client/types.ts'
import type { Seq } from '../../protocol/ids.ts'
import { startOfDay } from '../text/times.ts'
import type { Span } from './span.ts'

/** Messages of one author that are no further apart than this stand under one name. */
const GROUP_MS = 5 * 60_000

/** A message and how it stands among its neighbours. The same object for as long as nothing of it changed. */
export interface Row {
  readonly message: TimelineMessage
  /** Has the avatar and the name. */
  readonly startsGroup: boolean
  /** The first of its day. */
  readonly startsDay: boolean
  /** The first that was unread when the room was opened. */
  readonly startsUnread: boolean
}

/** The rows of `span`; `previous` ones are reused where they still hold. */
export function toRows(
  messages: readonly TimelineMessage[],
  { start, end }: Span,
  unreadFrom: Seq | undefined,
  previous: readonly Row[],
): readonly Row[] {
  const known = new Map(previous.map((row) => [row.message, row]))
  let day = dayOf(messages[start - 1])
  return messages.slice(start, end).map((message, offset) => {
    // By the order of the log, a day that is over does not come back, whatever the clocks of two servers say.
    const startsDay = dayOf(message) > day
    if (startsDay) day = dayOf(message)
    const startsUnread = unreadFrom !== undefined && message.seq === unreadFrom
    const startsGroup = startsDay || startsUnread || !continues(messages[start + offset - 1], message)
    const row = { message, startsDay, startsUnread, startsGroup }
    const old = known.get(message)
    return old && isSame(old, row) ? old : row
  })
}

function dayOf(message: TimelineMessage | undefined): number {
  return message === undefined ? -Infinity : startOfDay(message.postedAt)
}

function continues(before: TimelineMessage | undefined, message: TimelineMessage): boolean {
  return (
    before !== undefined &&
    before.author.id === message.author.id &&
    before.author.name === message.author.name &&
    message.postedAt - before.postedAt <= GROUP_MS
  )
}

function isSame(a: Row, b: Row): boolean {
  return a.startsGroup === b.startsGroup && a.startsDay === b.startsDay && a.startsUnread === b.startsUnread
}
