import type { Message, Reaction, User } from '../protocol/message.ts'
import type { Entry, Write } from './entry.ts'
import { isRetryable } from './entry.ts'
import type { Delivery, StoredMessage, UnstoredMessage } from './types.ts'

const STORED: Delivery = { status: 'stored' }

/** A message of the log as `me` sees it, with `me`'s writes to it that the log does not have yet. */
export function showStored(message: Message, me: User | undefined, writes: readonly Entry[] = []): StoredMessage {
  let shown: StoredMessage = {
    ...message,
    uid: uidOf(message),
    mine: message.author.id === me?.id,
    delivery: STORED,
  }
  for (const entry of writes) shown = { ...shown, ...changed(shown, entry, me), delivery: deliveryOf(entry) }
  return shown
}

/** A post that the log does not have yet. */
export function showUnstored(entry: Entry, me: User): UnstoredMessage {
  const { key, text, replyTo } = entry.write as Write & { type: 'post' }
  return {
    key,
    text,
    ...(replyTo !== undefined && { replyTo }),
    author: me,
    postedAt: entry.at,
    uid: uidOf({ author: me, key }),
    mine: true,
    delivery: deliveryOf(entry),
  }
}

// Keys are told to everyone in the room, so somebody else may use the same: only with the author they name one message.
export function uidOf({ author, key }: Pick<Message, 'author' | 'key'>): string {
  return `${author.id} ${key}`
}

function changed(message: Message, { write, at }: Entry, me: User | undefined): Partial<Message> {
  if (write.type === 'edit') return { text: write.text, editedAt: at }
  if (write.type === 'delete') return { text: '', deletedAt: at, reactions: [] }
  return write.type === 'react' && me ? { reactions: reacted(message.reactions ?? [], write, me) } : {}
}

function reacted(
  reactions: readonly Reaction[],
  { emoji, on }: Write & { type: 'react' },
  me: User,
): readonly Reaction[] {
  const all = reactions.some((reaction) => reaction.emoji === emoji) ? reactions : [...reactions, { emoji, users: [] }]
  return all
    .map((reaction) => {
      const others = reaction.users.filter(({ id }) => id !== me.id)
      if (reaction.emoji !== emoji || on === others.length < reaction.users.length) return reaction
      return { emoji, users: on ? [...others, me] : others }
    })
    .filter(({ users }) => users.length > 0)
}

function deliveryOf({ write: { key, type: kind }, state }: Entry): Delivery {
  if (state.status === 'stored') return STORED
  if (state.status === 'failed') {
    return { status: 'failed', key, kind, code: state.code, message: state.message, retryable: isRetryable(state.code) }
  }
  if (state.status === 'sent' && state.late) {
    return { status: 'failed', key, kind, code: 'late', message: 'The server has not confirmed this.', retryable: true }
  }
  return { status: 'pending', key, kind }
}
