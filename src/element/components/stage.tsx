import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { ConnectionBanner } from './banner.tsx'
import { LazyJumpButton, LazyNoRoom, LazyOverlays, LazyStopped } from './lazy-overlays.tsx'
import { MessageList } from './message-list.tsx'
import { Skeleton } from './skeleton.tsx'

/** What stands between the header and the composer. */
export function Stage(): JSX.Element {
  return (
    <div class="stage">
      <ConnectionBanner />
      <StageContent />
      <LazyOverlays />
    </div>
  )
}

function StageContent(): JSX.Element {
  const chat = useChat()
  const state = chat.room.state.value
  if (state.status === 'failed') return <LazyNoRoom code={state.code} lobbyUrl={chat.lobbyUrl} />
  const connection = chat.connection.value
  if (connection.status === 'stopped' && state.messages.length === 0)
    return <LazyStopped reason={connection.reason} whole />
  const isLoading = state.status === 'joining' && state.messages.length === 0
  if (isLoading || chat.room.isLanding.value) return <Skeleton />
  return (
    <>
      <MessageList chat={chat} />
      <LazyJumpButton />
    </>
  )
}
