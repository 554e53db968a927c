import { ChatError } from '../protocol/errors.ts'
import type { Limits } from '../protocol/limits.ts'
import type { Reaction, User } from '../protocol/message.ts'

/**
 * Bytes of JSON that a message's reactions may take together. Each reaction sends the whole message to everybody in the room, so what a
 * message can grow to is what one small command can cost.
 */
export const MAX_REACTIONS_BYTES = 32 * 1024

/** The reactions as they are once `user` has chosen `emoji`, or (`on` false) no longer has; the same object where that changes nothing. */
export function withReaction(
  reactions: readonly Reaction[],
  user: User,
  emoji: string,
  on: boolean,
  limits: Limits,
): readonly Reaction[] | ChatError {
  const reaction = reactions.find((candidate) => candidate.emoji === emoji)
  const users = reaction?.users ?? []
  if (users.some(({ id }) => id === user.id) === on) return reactions
  if (!on) return without(reactions, user, emoji)
  if (!reaction && reactions.length >= limits.emojiPerMessage) {
    return new ChatError('limit_reached', `a message holds ${limits.emojiPerMessage} different emoji`)
  }
  if (users.length >= limits.usersPerEmoji) {
    return new ChatError('limit_reached', `${limits.usersPerEmoji} people have chosen this emoji already`)
  }
  const changed = { emoji, users: [...users, user] }
  const all = reaction
    ? reactions.map((candidate) => (candidate === reaction ? changed : candidate))
    : [...reactions, changed]
  if (Buffer.byteLength(JSON.stringify(all)) <= MAX_REACTIONS_BYTES) return all
  return new ChatError('limit_reached', 'this message holds no more reactions')
}

function without(reactions: readonly Reaction[], user: User, emoji: string): readonly Reaction[] {
  return reactions
    .map((reaction) =>
      reaction.emoji === emoji ? { emoji, users: reaction.users.filter(({ id }) => id !== user.id) } : reaction,
    )
    .filter(({ users }) => users.length > 0)
}
