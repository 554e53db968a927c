import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'

/** What was read out stays for a moment, so that a reader that is busy still gets to it. */
const KEPT = 20

interface Announcement {
  readonly uid: string
  readonly says: string
}

/**
 * Reads new messages to whoever cannot see them, each once. Apart from the list on purpose: a live list would also read the history it
 * loads, every edit, and the user's own words.
 */
export function Announcer(): JSX.Element {
  const { room } = useChat()
  const said = useSignal<readonly Announcement[]>([])
  useEffect(
    () =>
      room.room.on('message', ({ uid, mine, author, text }) => {
        if (!mine) said.value = [...said.value, { uid, says: `${author.name}: ${text}` }].slice(-KEPT)
      }),
    [room],
  )
  return (
    <div class="unseen" role="log" aria-live="polite" aria-label="New messages">
      {said.value.map(({ uid, says }) => (
        <p key={uid}>{says}</p>
      ))}
    </div>
  )
}
