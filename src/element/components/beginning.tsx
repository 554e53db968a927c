import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'

/** What stands before a room's first message; in an empty room it is all there is to read. */
export function Beginning(): JSX.Element | null {
  const { room } = useChat()
  const { status, messages } = room.state.value
  if (status === 'joining') return null
  const isEmpty = messages.length === 0
  return (
    <div class={isEmpty ? 'beginning alone' : 'beginning'}>
      <span class="glyph" aria-hidden="true">
        #
      </span>
      <h2>
        <bdi>{room.room.name}</bdi>
      </h2>
      <p>
        {isEmpty ? 'Nobody has said anything yet. Be the first: say hello below.' : 'This is where the room began.'}
      </p>
    </div>
  )
}
