import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { splitLinks } from '../text/links.ts'
import { formatFullTime } from '../text/times.ts'

/** What was said, or that it was deleted. */
export function MessageText({ message }: { readonly message: TimelineMessage }): JSX.Element {
  const { text, deletedAt, editedAt } = message
  if (deletedAt !== undefined) {
    return (
      <p class="text tombstone" title={formatFullTime(deletedAt)}>
        Message deleted
      </p>
    )
  }
  return (
    <p class="text" dir="auto">
      <LinkedText text={text} />
      {editedAt !== undefined && (
        <span class="edited" title={formatFullTime(editedAt)}>
          (edited)
        </span>
      )}
    </p>
  )
}

/** Text as it was typed, with its links. Made of nodes, never of markup. */
function LinkedText({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {splitLinks(text).map(({ text: part, href }, index) =>
        href === undefined ? (
          part
        ) : (
          <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={-1}>
            {part}
          </a>
        ),
      )}
    </>
  )
}
