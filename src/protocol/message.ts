import type { Key, MessageId, Seq, UserId, Epoch, Tag } from './ids.ts'

/** Where a reader stands in a room's log: it has every change up to `seq`, and the one at `seq` carried `tag`. */
export interface Position {
  readonly epoch: Epoch
  readonly seq: Seq
  readonly tag: Tag
}

/** A user as others see them. */
export interface User {
  readonly id: UserId
  readonly name: string
  readonly avatarUrl?: string
}

/** One emoji under a message, and everybody who chose it, in the order they did. */
export interface Reaction {
  readonly emoji: string
  readonly users: readonly User[]
}

/** What was said, as it now stands. */
export interface Message {
  readonly id: MessageId
  /** The seq of the post: the message's place among the others, which no later change moves. */
  readonly seq: Seq
  /** The seq of the newest change to this message; absent while that is the post. Of two states, the higher is the newer. */
  readonly rev?: Seq
  readonly key: Key
  readonly author: User
  /** As its author typed it; empty once deleted. Text, never markup. */
  readonly text: string
  /** Milliseconds since the Unix epoch, by the server's clock. Shown to people; never what orders messages. */
  readonly postedAt: number
  readonly editedAt?: number
  /** The key of the edit that gave it its text. */
  readonly editKey?: Key
  readonly deletedAt?: number
  readonly replyTo?: MessageId
  readonly reactions?: readonly Reaction[]
}

/** The seq of the newest change to `message`. */
export function revisionOf(message: Pick<Message, 'seq' | 'rev'>): Seq {
  return message.rev ?? message.seq
}
