import type { JSX } from 'preact'
import type { ChatModel } from '../model/chat-model.ts'
import { App } from './app.tsx'
import { LazyNoRoom, LazyPopup } from './lazy-overlays.tsx'
import type { LazyPopupProps } from './lazy-overlays.tsx'

interface Props {
  /** Undefined where there can be no room of that name. */
  readonly chat: ChatModel | undefined
  readonly room: string
  readonly lobbyUrl: string | undefined
  /** Undefined for a chat in a box. */
  readonly popup: Pick<LazyPopupProps, 'isOpen' | 'onShow' | 'onHide' | 'onReady'> | undefined
}

/** All that an element shows: its chat or why there is none, in a box or behind a button. */
export function Shown({ chat, room, lobbyUrl, popup }: Props): JSX.Element {
  const content = chat ? (
    <App chat={chat} />
  ) : (
    <div class="chat">
      <LazyNoRoom code="room_not_found" lobbyUrl={lobbyUrl} />
    </div>
  )
  if (!popup) return content
  return (
    <LazyPopup {...popup} room={room} unread={chat?.room.unread}>
      {content}
    </LazyPopup>
  )
}
