import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { adoptStyle } from '../styles/adopt-style.ts'
import { ConfirmDelete } from './confirm-delete.tsx'
import { EmojiPanel } from './emoji-panel.tsx'
import { MembersPanel } from './members-panel.tsx'
import { MessageMenu } from './message-menu.tsx'
import css from './overlays.css'
import { ProfilePanel } from './profile-panel.tsx'

const MESSAGE_PANELS = { menu: MessageMenu, emoji: EmojiPanel, delete: ConfirmDelete }
const CHAT_PANELS = { members: MembersPanel, profile: ProfilePanel }

/** What stands over the chat at present. Loaded after the chat itself, and brings its own styles. */
export function Overlays(): JSX.Element {
  return (
    <div ref={bringStyle}>
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

function bringStyle(element: Element | null): void {
  const root = element?.getRootNode()
  if (root instanceof ShadowRoot) adoptStyle(root, css)
}
