import type { StoredMessage } from '../../client/types.ts'
import type { Key, MessageId, Seq, UserId } from '../../protocol/ids.ts'

/** For tests: a message at `seq`, all else as it commonly is. */
export function messageAt(seq: number, rest: Partial<StoredMessage> = {}): StoredMessage {
  return {
    uid: `u${seq}`,
    mine: false,
    delivery: { status: 'stored' },
    id: `m${seq}` as MessageId,
    seq: seq as Seq,
    key: `key-${seq}` as Key,
    author: { id: 'ann' as UserId, name: 'Ann' },
    text: `text ${seq}`,
    postedAt: seq * 1_000,
    ...rest,
  }
}

export function messagesFrom(first: number, last: number): StoredMessage[] {
  return Array.from({ length: last - first + 1 }, (_, index) => messageAt(first + index))
}
