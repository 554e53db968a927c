import type { JSX } from 'preact'
import { Icon } from './icon.tsx'

/**
 * Says that a message is on its way, in room that is there anyway: nothing moves when it goes. A quick answer leaves no time to see it.
 */
export function Sending({ brief }: { readonly brief?: boolean }): JSX.Element {
  return (
    <span class="sending" title="Sending…">
      {brief && <Icon name="clock" />}
      <span class={brief ? 'unseen' : undefined}>Sending…</span>
    </span>
  )
}
