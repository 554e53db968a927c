import type { Epoch, MessageId, Seq, Tag, UserId } from '../../protocol/ids.ts'
import type { Change } from '../backend.ts'

/** What is published in a room. The first character says which; the scripts write all but signals. */
export type RoomEvent =
  | { readonly type: 'change'; readonly change: Change }
  | { readonly type: 'epoch' }
  | { readonly type: 'marker'; readonly user: UserId; readonly seq: Seq }
  | { readonly type: 'members' }
  | { readonly type: 'signal'; readonly payload: string }

export function encodeSignal(payload: string): string {
  return `s${payload}`
}

/** Undefined for what a newer version may publish. */
export function parseRoomEvent(text: string): RoomEvent | undefined {
  switch (text[0]) {
    case 'c':
      return { type: 'change', change: parseChange(text) }
    case 'e':
      return { type: 'epoch' }
    case 'm': {
      const space = text.indexOf(' ')
      return { type: 'marker', seq: Number(text.slice(1, space)) as Seq, user: text.slice(space + 1) as UserId }
    }
    case 'p':
      return { type: 'members' }
    case 's':
      return { type: 'signal', payload: text.slice(1) }
    default:
      return undefined
  }
}

/** `c<epoch> <rev> <tag> <seq> <id>`, a line break, the body. */
function parseChange(text: string): Change {
  const end = text.indexOf('\n')
  const [epoch = '', rev, tag = '', seq, ...id] = text.slice(1, end).split(' ')
  const position = { epoch: epoch as Epoch, seq: Number(rev) as Seq, tag: tag as Tag }
  const message = {
    id: id.join(' ') as MessageId,
    seq: Number(seq) as Seq,
    rev: position.seq,
    body: text.slice(end + 1),
  }
  return { position, message }
}
