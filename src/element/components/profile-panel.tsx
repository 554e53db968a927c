import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { cleanName } from '../../protocol/names.ts'
import { useChat } from '../model/context.ts'
import { Popover } from './popover.tsx'

/** Where the user's handle can be changed. */
export function ProfilePanel({ anchor }: { readonly anchor: Element }): JSX.Element {
  const chat = useChat()
  const typed = useSignal(chat.handle.value ?? chat.user.value?.name ?? '')
  const handle = cleanName(typed.value, chat.limits.value.nameCodePoints)
  return (
    <Popover anchor={anchor} label="Your handle" role="dialog" class="profile">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (handle === '') return
          chat.setHandle(handle)
          chat.overlay.value = undefined
        }}
      >
        <label for="new-handle">Your handle</label>
        <div class="profile-row">
          <input
            id="new-handle"
            name="handle"
            autocomplete="nickname"
            spellcheck={false}
            dir="auto"
            value={typed}
            onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
          />
          <button class="button primary" type="submit" disabled={handle === ''}>
            Save
          </button>
        </div>
      </form>
    </Popover>
  )
}
