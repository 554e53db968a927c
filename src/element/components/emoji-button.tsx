import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { toggleReaction } from '../model/reactions.ts'

interface Props {
  readonly emoji: string
  readonly name: string
  readonly message: TimelineMessage
  readonly role?: 'menuitem'
}

/** Reacts to a message with one emoji, and closes the panel it stands in. */
export function EmojiButton({ emoji, name, message, role }: Props): JSX.Element {
  const chat = useChat()
  return (
    <button
      class="emoji-button"
      type="button"
      role={role}
      tabIndex={-1}
      aria-label={name}
      title={name}
      onClick={() => {
        chat.overlay.value = undefined
        toggleReaction(chat, message, emoji)
      }}
    >
      {emoji}
    </button>
  )
}
