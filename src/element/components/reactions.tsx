import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import type { Reaction } from '../../protocol/message.ts'
import { useChat } from '../model/context.ts'
import { toggleReaction } from '../model/reactions.ts'
import { listNames } from '../text/names.ts'

/** Who reacted how: one toggle for each emoji. */
export function Reactions({ message }: { readonly message: TimelineMessage }): JSX.Element | null {
  const chat = useChat()
  const { reactions = [] } = message
  const me = chat.user.value?.id
  if (reactions.length === 0) return null
  return (
    <div class="reactions" part="reactions">
      {reactions.map((reaction) => (
        <button
          key={reaction.emoji}
          class="reaction"
          type="button"
          tabIndex={-1}
          aria-pressed={reaction.users.some(({ id }) => id === me)}
          aria-label={labelOf(reaction)}
          title={labelOf(reaction)}
          onClick={() => toggleReaction(chat, message, reaction.emoji)}
        >
          <span class="chip">
            <span class="emoji">{reaction.emoji}</span>
            {reaction.users.length}
          </span>
        </button>
      ))}
    </div>
  )
}

function labelOf({ emoji, users }: Reaction): string {
  return `${emoji} ${users.length}: ${listNames(users.map(({ name }) => name))}`
}
