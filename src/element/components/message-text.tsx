import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { formatFullTime } from '../text/times.ts'
import { LinkedText } from './linked-text.tsx'

/** Up to three emoji and nothing else. */
const FEW_EMOJI = /^(?:\p{RGI_Emoji}\s*){1,3}$/v

/** What was said, or that it was deleted. */
export function MessageText({ message }: { readonly message: TimelineMessage }): JSX.Element {
  const { text, deletedAt, editedAt } = message
  if (deletedAt !== undefined) {
    return (
      <p class="text tombstone" part="text" title={formatFullTime(deletedAt)}>
        Message deleted
      </p>
    )
  }
  return (
    <p class={FEW_EMOJI.test(text) ? 'text large' : 'text'} part="text" dir="auto">
      <LinkedText text={text} />
      {editedAt !== undefined && (
        <span class="edited" title={formatFullTime(editedAt)}>
          (edited)
        </span>
      )}
    </p>
  )
}
