import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { cleanName } from '../../protocol/names.ts'
import { useChat } from '../model/context.ts'

/** Asks who is talking, until it is known. Nobody has to answer: the server has made up a name. */
export function HandleRow(): JSX.Element {
  const chat = useChat()
  const typed = useSignal('')
  const { nameCodePoints } = chat.limits.value
  const choose = (): void => {
    const handle = cleanName(typed.value, nameCodePoints)
    if (handle !== '') chat.setHandle(handle)
  }
  return (
    <div class="handle-row">
      <label for="handle">Choose a handle</label>
      <input
        id="handle"
        name="handle"
        autocomplete="nickname"
        autocapitalize="words"
        spellcheck={false}
        dir="auto"
        placeholder={chat.user.value?.name ?? ''}
        value={typed}
        onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
        onBlur={choose}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.isComposing) return
          event.preventDefault()
          choose()
          chat.composer.current?.focus()
        }}
      />
    </div>
  )
}
