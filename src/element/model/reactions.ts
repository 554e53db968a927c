import type { TimelineMessage } from '../../client/types.ts'
import type { ChatModel } from './chat-model.ts'

/** Gives the user's reaction, or takes it back where it was given. */
export function toggleReaction(chat: ChatModel, { id, reactions = [] }: TimelineMessage, emoji: string): void {
  if (id === undefined) return
  const me = chat.user.peek()?.id
  const isGiven = reactions.some(
    (reaction) => reaction.emoji === emoji && reaction.users.some((user) => user.id === me),
  )
  chat.room.room.react(id, emoji, !isGiven)
}
