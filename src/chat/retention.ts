import type { RoomId } from '../protocol/ids.ts'
import type { Message } from '../protocol/message.ts'

/** How much of a room is kept. Without either bound, or with 0 for it: everything. */
export interface RetentionBounds {
  /** Milliseconds for which a message is kept after it was posted, edited or deleted. */
  readonly maxAgeMs?: number | undefined
  /** How many messages are kept: those that were posted, or changed in any way, last. */
  readonly maxMessages?: number | undefined
}

/** How much of a room is kept, with 0 for a bound that is none. */
export type Retention = (room: RoomId) => Required<Record<keyof RetentionBounds, number>>

type Dated = Partial<Pick<Message, 'postedAt' | 'editedAt' | 'deletedAt'>>

/**
 * When a message was last changed, in milliseconds since the Unix epoch: posted, edited or deleted. Reactions carry no time, and do not make a
 * message younger. Undefined where that cannot be told: the clock of whoever wrote it was ahead of `now`, and may have been by years.
 */
export function findChangeTime(body: string, now: number): number | undefined {
  const { postedAt = NaN, editedAt = 0, deletedAt = 0 } = JSON.parse(body) as Dated
  const time = Math.max(postedAt, editedAt, deletedAt)
  return time <= now ? time : undefined
}
