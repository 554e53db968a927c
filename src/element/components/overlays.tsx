import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { ConfirmDelete } from './confirm-delete.tsx'
import { EmojiPanel } from './emoji-panel.tsx'
import { MembersPanel } from './members-panel.tsx'
import { MessageMenu } from './message-menu.tsx'
import { ProfilePanel } from './profile-panel.tsx'

const MESSAGE_PANELS = { menu: MessageMenu, emoji: EmojiPanel, delete: ConfirmDelete }
const CHAT_PANELS = { members: MembersPanel, profile: ProfilePanel }

/** What stands over the chat at present. */
export function Overlays(): JSX.Element | null {
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
