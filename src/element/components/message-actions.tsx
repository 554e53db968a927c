import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import type { Overlay } from '../model/chat-model.ts'
import { useChat } from '../model/context.ts'
import { isEditable } from '../model/room-model.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

/** What can be done with a message, at hand while the pointer or the focus is on it. */
export function MessageActions({ message }: { readonly message: TimelineMessage }): JSX.Element | null {
  const { room, overlay } = useChat()
  const { uid, id, deletedAt } = message
  const opened = useComputed(() => {
    const open = overlay.value
    return open && 'uid' in open && open.uid === uid ? open.kind : undefined
  })
  if (id === undefined || deletedAt !== undefined) return null
  const open = (kind: 'menu' | 'emoji') => (anchor: Element) =>
    (overlay.value = { kind, anchor, uid } satisfies Overlay)
  return (
    <div class="actions">
      <Action icon="smile" label="React" popup="dialog" isOpen={opened.value === 'emoji'} onPress={open('emoji')} />
      {isEditable(message) && <Action icon="pencil" label="Edit" onPress={() => room.edit(uid)} />}
      <Action icon="more" label="More actions" popup="menu" isOpen={opened.value === 'menu'} onPress={open('menu')} />
    </div>
  )
}

interface ActionProps {
  readonly icon: IconName
  readonly label: string
  readonly popup?: 'dialog' | 'menu'
  readonly isOpen?: boolean
  readonly onPress: (button: Element) => void
}

function Action({ icon, label, popup, isOpen, onPress }: ActionProps): JSX.Element {
  return (
    <button
      class="icon-button"
      type="button"
      tabIndex={-1}
      aria-label={label}
      aria-haspopup={popup}
      aria-expanded={isOpen}
      title={label}
      onClick={({ currentTarget }) => onPress(currentTarget)}
    >
      <Icon name={icon} />
    </button>
  )
}
