import type { MessageId, Seq, Tag } from '../../protocol/ids.ts'
import type { StoredMessage } from '../backend.ts'

/** Characters of a tag: it stands before the body in what is stored of a message, without anything between. */
export const TAG_LENGTH = 5

/** A message as the log keeps it, and the tag of its newest change. */
export interface TaggedMessage extends StoredMessage {
  readonly tag: Tag
}

/** Reads the flat list of id, seq, rev and value that scripts answer with. */
export function parseRows(rows: readonly string[]): TaggedMessage[] {
  const messages: TaggedMessage[] = []
  for (let i = 0; i < rows.length; i += 4) {
    const [id = '', seq, rev, value = ''] = rows.slice(i, i + 4)
    messages.push({
      id: id as MessageId,
      seq: Number(seq) as Seq,
      rev: Number(rev) as Seq,
      tag: value.slice(0, TAG_LENGTH) as Tag,
      body: value.slice(TAG_LENGTH),
    })
  }
  return messages
}

/** Without the tag, which nobody outside is to see. */
export function toStored({ id, seq, rev, body }: TaggedMessage): StoredMessage {
  return { id, seq, rev, body }
}
