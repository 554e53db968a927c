import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { LazyStopped } from './lazy-overlays.tsx'

/** Says what is wrong with the connection, once it is worth saying. The region is always there, so that what comes into it is read out. */
export function ConnectionBanner(): JSX.Element {
  return (
    <div role="status" class="banner-place">
      <Banner />
    </div>
  )
}

function Banner(): JSX.Element | null {
  const { banner, room } = useChat()
  const shown = banner.value
  if (!shown) return null
  if (shown.kind === 'stopped') {
    return room.state.value.messages.length > 0 ? <LazyStopped reason={shown.reason} /> : null
  }
  return (
    <div class="banner" part="banner">
      <span class="spinner" aria-hidden="true" />
      {shown.kind === 'connecting' ? 'Connecting…' : 'Reconnecting…'}
    </div>
  )
}
