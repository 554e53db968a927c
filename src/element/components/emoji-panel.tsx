import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { EmojiButton } from './emoji-button.tsx'
import { EMOJI } from './emoji.ts'
import { Popover } from './popover.tsx'

interface Props {
  readonly message: TimelineMessage
  readonly anchor: Element
}

/** A choice of emoji to react with. */
export function EmojiPanel({ message, anchor }: Props): JSX.Element {
  return (
    <Popover anchor={anchor} label="React" role="dialog" class="emoji-panel">
      {EMOJI.map(([emoji, name]) => (
        <EmojiButton key={emoji} emoji={emoji} name={name} message={message} />
      ))}
    </Popover>
  )
}
