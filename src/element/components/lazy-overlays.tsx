import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { TimelineMessage } from '../../client/types.ts'
import { lazy } from '../model/lazy.ts'
import type { ComposerNoteProps } from './composer-note.tsx'
import { MessageText } from './message-text.tsx'
import type { NoRoomProps } from './no-room.tsx'
import type { NotSentProps } from './not-sent.tsx'
import type { PopupProps } from './popup.tsx'
import type { StoppedProps } from './stopped.tsx'

const overlays = lazy(() => import('./overlays.tsx'))

/** The panels, loaded once the browser has nothing better to do. They bring their own styles. */
export function LazyOverlays(): JSX.Element | null {
  useEffect(() => whenIdle(() => overlays.request()), [])
  const Overlays = overlays.value?.Overlays
  return Overlays ? <Overlays /> : null
}

/** The box that a message is edited in; until it is there, the message. */
export function LazyEditBox({ message }: { readonly message: TimelineMessage }): JSX.Element {
  overlays.request()
  const EditBox = overlays.value?.EditBox
  return EditBox ? <EditBox message={message} /> : <MessageText message={message} />
}

/** The way back to the newest messages. It stands over them, and moves nothing when it comes. */
export function LazyJumpButton(): JSX.Element | null {
  const JumpButton = overlays.value?.JumpButton
  return JumpButton ? <JumpButton /> : null
}

/** That a message is not stored, which is known ten seconds after it was sent at the earliest, or by an answer. */
export function LazyNotSent(props: NotSentProps): JSX.Element | null {
  const NotSent = overlays.value?.NotSent
  return NotSent ? <NotSent {...props} /> : null
}

/** Why a room cannot be shown. */
export function LazyNoRoom(props: NoRoomProps): JSX.Element | null {
  overlays.request()
  const NoRoom = overlays.value?.NoRoom
  return NoRoom ? <NoRoom {...props} /> : null
}

/** What the user has to know about what they write. Nobody has typed too much, or too often, before it is there. */
export function LazyComposerNote(props: ComposerNoteProps): JSX.Element | null {
  const ComposerNote = overlays.value?.ComposerNote
  return ComposerNote ? <ComposerNote {...props} /> : null
}

/** Who is typing, on the line that is kept for that. */
export function LazyTypingNames(props: { readonly names: readonly string[] }): JSX.Element | null {
  const TypingNames = overlays.value?.TypingNames
  return TypingNames ? <TypingNames {...props} /> : null
}

/** Why there is no connection: most that come never see it. */
export function LazyStopped(props: StoppedProps): JSX.Element | null {
  overlays.request()
  const Stopped = overlays.value?.Stopped
  return Stopped ? <Stopped {...props} /> : null
}

/** What can be done with a message, as soon as it can be. */
export function LazyMessageActions({ message }: { readonly message: TimelineMessage }): JSX.Element | null {
  const MessageActions = overlays.value?.MessageActions
  return MessageActions ? <MessageActions message={message} /> : null
}

export interface LazyPopupProps extends PopupProps {
  /** Called once there is something to see. */
  readonly onReady: () => void
}

/** The corner of the page that a chat may have. Nothing shows until it is there. */
export function LazyPopup({ onReady, ...props }: LazyPopupProps): JSX.Element | null {
  overlays.request()
  const Popup = overlays.value?.Popup
  useEffect(() => {
    if (Popup) onReady()
  }, [Popup])
  return Popup ? <Popup {...props} /> : null
}

/** Safari has no idle callback. Returns what takes the task back. */
function whenIdle(task: () => void): () => void {
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(task, 300)
    return () => clearTimeout(timer)
  }
  const handle = requestIdleCallback(task, { timeout: 1_000 })
  return () => cancelIdleCallback(handle)
}
