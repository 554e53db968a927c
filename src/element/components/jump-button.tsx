import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { Icon } from './icon.tsx'

/** The way back to the newest messages, and how many have come since. */
export function JumpButton(): JSX.Element | null {
  const { room } = useChat()
  if (room.following.value) return null
  const missed = room.missed.value
  return (
    <button class={missed > 0 ? 'jump news' : 'jump'} part="jump" type="button" onClick={() => room.showLatest()}>
      <Icon name="down" />
      Jump to latest
      {missed > 0 && <span class="missed">{missed} new</span>}
    </button>
  )
}
