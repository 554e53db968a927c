import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'

/** Who is typing. Takes its line also while nobody is. */
export function TypingLine(): JSX.Element {
  const names = useChat().room.state.value.typing.map(({ name }) => name)
  return (
    <div class="typing" part="typing">
      {names.length > 0 && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="who">{sentence(names)}</span>
        </>
      )}
    </div>
  )
}

function sentence([first, second, third]: readonly string[]): string {
  if (third !== undefined) return 'Several people are typing…'
  if (second !== undefined) return `${first} and ${second} are typing…`
  return `${first} is typing…`
}
