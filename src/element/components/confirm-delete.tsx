import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { Popover } from './popover.tsx'

interface Props {
  readonly message: TimelineMessage
  readonly anchor: Element
}

/** Asks first: a deletion is for everyone, and for good. */
export function ConfirmDelete({ message: { id, text }, anchor }: Props): JSX.Element {
  const { room, overlay } = useChat()
  const close = (): void => {
    overlay.value = undefined
  }
  return (
    <Popover anchor={anchor} label="Delete this message?" role="dialog" class="confirm">
      <h2>Delete this message for everyone?</h2>
      <p class="quote" dir="auto">
        {text}
      </p>
      <div class="confirm-buttons">
        <button
          class="button danger"
          type="button"
          onClick={() => {
            close()
            if (id !== undefined) room.room.delete(id)
          }}
        >
          Delete
        </button>
        <button class="button quiet" type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </Popover>
  )
}
