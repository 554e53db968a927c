import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { checkText, cleanText } from '../text/limits.ts'
import { isSubmitKey, type TextKey } from './keys.ts'
import { TextBox } from './text-box.tsx'

/** A message's text while its author changes it, in its place. */
export function EditBox({ message }: { readonly message: TimelineMessage }): JSX.Element {
  const { room, limits, composer } = useChat()
  const text = useSignal(message.text)
  const box = useRef<HTMLTextAreaElement>(null)
  const problem = checkText(text.value, limits.value.textCodePoints)

  useLayoutEffect(() => {
    box.current?.focus()
    box.current?.setSelectionRange(message.text.length, message.text.length)
  }, [])

  const end = (): void => {
    room.editing.value = undefined
    composer.current?.focus()
  }
  const save = (): void => {
    if (problem !== undefined || message.id === undefined) return
    if (text.value !== message.text) room.room.edit(message.id, cleanText(text.value))
    end()
  }
  const onKeyDown = (event: TextKey): void => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      end()
    } else if (isSubmitKey(event)) {
      event.preventDefault()
      save()
    }
  }

  return (
    <form
      class="edit-box"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <TextBox boxRef={box} label="Edit message" text={text} onKeyDown={onKeyDown} />
      {problem !== undefined && problem.kind === 'long' && <p class="problem">{problem.says}</p>}
      <div class="edit-buttons">
        <button class="button primary" type="submit" disabled={problem !== undefined}>
          Save
        </button>
        <button class="button quiet" type="button" onClick={end}>
          Cancel
        </button>
      </div>
    </form>
  )
}
