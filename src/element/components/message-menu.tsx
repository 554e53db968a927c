import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { isEditable } from '../model/room-model.ts'
import { EmojiButton } from './emoji-button.tsx'
import { QUICK_EMOJI } from './emoji.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'
import { Popover } from './popover.tsx'

interface Props {
  readonly message: TimelineMessage
  readonly anchor: Element
}

/** Everything that can be done with a message. */
export function MessageMenu({ message, anchor }: Props): JSX.Element {
  const { room, overlay } = useChat()
  const { uid, text } = message
  const choose = (action?: () => void) => () => {
    overlay.value = undefined
    action?.()
  }
  return (
    <Popover anchor={anchor} label="Message actions" role="menu" class="menu">
      <div class="quick" role="group" aria-label="React">
        {QUICK_EMOJI.map(([emoji, name]) => (
          <EmojiButton key={emoji} emoji={emoji} name={name} message={message} role="menuitem" />
        ))}
      </div>
      <Item icon="smile" label="More reactions…" onChoose={() => (overlay.value = { kind: 'emoji', anchor, uid })} />
      <Item icon="copy" label="Copy text" onChoose={choose(() => void navigator.clipboard?.writeText(text))} />
      {isEditable(message) && (
        <>
          <Item icon="pencil" label="Edit message" onChoose={choose(() => room.edit(uid))} />
          <Item
            icon="trash"
            label="Delete message…"
            danger
            onChoose={() => (overlay.value = { kind: 'delete', anchor, uid })}
          />
        </>
      )}
    </Popover>
  )
}

interface ItemProps {
  readonly icon: IconName
  readonly label: string
  readonly danger?: boolean
  readonly onChoose: () => void
}

function Item({ icon, label, danger, onChoose }: ItemProps): JSX.Element {
  return (
    <button
      class={danger ? 'menu-item danger' : 'menu-item'}
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={onChoose}
    >
      <Icon name={icon} />
      {label}
    </button>
  )
}
