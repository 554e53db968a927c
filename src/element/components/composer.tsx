import { useId } from 'preact/hooks'
import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { checkText, cleanText } from '../text/limits.ts'
import { HandleRow } from './handle-row.tsx'
import { Icon } from './icon.tsx'
import { isSubmitKey, type TextKey } from './keys.ts'
import { LazyComposerNote } from './lazy-overlays.tsx'
import { TextBox } from './text-box.tsx'

/** Where the user writes. Usable whatever the connection does: what is sent waits in the list. */
export function Composer(): JSX.Element {
  const chat = useChat()
  const { room, limits, composer } = chat
  const noteId = useId()
  const text = room.draft
  const problem = checkText(text.value, limits.value.textCodePoints)
  const isStopped = chat.connection.value.status === 'stopped'
  const asksForHandle = chat.isGuest.value && chat.handle.value === undefined && !isStopped
  const reason = room.state.value.notice?.code
  const isHeldBack = reason === 'rate_limited' || reason === 'muted'

  const send = (): void => {
    if (problem || isHeldBack) return
    chat.send(cleanText(text.value))
    composer.current?.focus()
  }
  const onKeyDown = (event: TextKey): void => {
    if (isSubmitKey(event)) {
      event.preventDefault()
      send()
    } else if (event.key === 'ArrowUp' && text.value === '' && room.editLast()) {
      event.preventDefault()
    }
  }

  return (
    <form
      class="composer"
      part="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {asksForHandle && <HandleRow />}
      <div class="composer-row">
        <TextBox
          boxRef={composer}
          label={`Message ${room.room.name}`}
          placeholder="Write a message"
          text={text}
          describedBy={noteId}
          invalid={problem?.kind === 'long'}
          onKeyDown={onKeyDown}
          onType={(typed) => room.room.setTyping(typed.trim() !== '')}
        />
        <button
          class="send"
          part="send"
          type="submit"
          aria-label="Send"
          title="Send"
          disabled={problem !== undefined || isHeldBack}
        >
          <Icon name="send" />
        </button>
      </div>
      <div id={noteId} role="status">
        <LazyComposerNote problem={problem} />
      </div>
    </form>
  )
}
