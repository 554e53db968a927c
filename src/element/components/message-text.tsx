import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { formatFullTime } from '../text/times.ts'
import { LinkedText } from './linked-text.tsx'

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
    <p class="text" part="text" dir="auto">
      <LinkedText text={text} />
      {editedAt !== undefined && (
        <span class="edited" title={formatFullTime(editedAt)}>
          (edited)
        </span>
      )}
    </p>
  )
}
