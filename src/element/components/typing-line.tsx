import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { LazyTypingNames } from './lazy-overlays.tsx'

/** Who is typing. Takes its line also while nobody is. */
export function TypingLine(): JSX.Element {
  const names = useChat().room.state.value.typing.map(({ name }) => name)
  return (
    <div class="typing" part="typing">
      {names.length > 0 && <LazyTypingNames names={names} />}
    </div>
  )
}
