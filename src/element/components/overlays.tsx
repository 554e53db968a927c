import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useChat } from '../model/context.ts'
import { bringStyle } from '../styles/adopt-style.ts'
import { ComposerNote } from './composer-note.tsx'
import { ConfirmDelete } from './confirm-delete.tsx'
import { EditBox } from './edit-box.tsx'
import { EmojiPanel } from './emoji-panel.tsx'
import { JumpButton } from './jump-button.tsx'
import { watchLongPress } from './long-press.ts'
import { MembersPanel } from './members-panel.tsx'
import { MessageActions } from './message-actions.tsx'
import { MessageMenu } from './message-menu.tsx'
import css from './overlays.css'
import { NoRoom } from './no-room.tsx'
import { NotSent } from './not-sent.tsx'
import { Popup } from './popup.tsx'
import { ProfilePanel } from './profile-panel.tsx'
import { RoomsPanel } from './rooms-panel.tsx'
import { Stopped } from './stopped.tsx'
import { TypingNames } from './typing-names.tsx'

export { ComposerNote, EditBox, JumpButton, MessageActions, NoRoom, NotSent, Popup, Stopped, TypingNames }

const MESSAGE_PANELS = { menu: MessageMenu, emoji: EmojiPanel, delete: ConfirmDelete }
const CHAT_PANELS = { members: MembersPanel, profile: ProfilePanel, rooms: RoomsPanel }

/** What stands over the chat at present, and the finger's way to it. */
export function Overlays(): JSX.Element {
  const { overlay } = useChat()
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    bringStyle(place.current, css)
    const stage = place.current?.parentElement
    if (!stage) return undefined
    return watchLongPress(stage, (row) => {
      overlay.value = { kind: 'menu', anchor: row, uid: row.dataset['uid'] ?? '' }
    })
  }, [overlay])
  return (
    <div ref={place}>
      <OpenPanel />
    </div>
  )
}

function OpenPanel(): JSX.Element | null {
  const { overlay, room } = useChat()
  const open = overlay.value
  if (!open) return null
  if (!('uid' in open)) {
    const Panel = CHAT_PANELS[open.kind]
    return <Panel anchor={open.anchor} />
  }
  const Panel = MESSAGE_PANELS[open.kind]
  const message = room.findMessage(open.uid)
  return message ? <Panel message={message} anchor={open.anchor} /> : null
}
