import type { Epoch, MessageId, Seq, Tag, UserId } from '../../protocol/ids.ts'
import type { Change } from '../backend.ts'

/** A change, and the tag of the one before it in the log: empty before the first, undefined where that was not said. */
export interface LinkedChange {
  readonly change: Change
  readonly before: Tag | undefined
}

/** What is published in a room. The first character says which; the scripts write all but signals. */
export type RoomEvent =
  | { readonly type: 'change'; readonly linked: LinkedChange }
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
    case 'a':
      return { type: 'change', linked: parseLinked(text) }
    case 'c':
      return { type: 'change', linked: parseUnlinked(text) }
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

/** `a<epoch> <rev> <tag> <tag before> <seq> <id>`, a line break, the body. */
function parseLinked(text: string): LinkedChange {
  const end = text.indexOf('\n')
  const [epoch = '', rev = '', tag = '', before = '', seq = '', ...id] = text.slice(1, end).split(' ')
  return { change: toChange(epoch, rev, tag, seq, id.join(' '), text.slice(end + 1)), before: before as Tag }
}

/** `c<epoch> <rev> <tag> <seq> <id>`, a line break, the body: as processes of an earlier version publish it. */
function parseUnlinked(text: string): LinkedChange {
  const end = text.indexOf('\n')
  const [epoch = '', rev = '', tag = '', seq = '', ...id] = text.slice(1, end).split(' ')
  return { change: toChange(epoch, rev, tag, seq, id.join(' '), text.slice(end + 1)), before: undefined }
}

function toChange(epoch: string, rev: string, tag: string, seq: string, id: string, body: string): Change {
  const position = { epoch: epoch as Epoch, seq: Number(rev) as Seq, tag: tag as Tag }
  return { position, message: { id: id as MessageId, seq: Number(seq) as Seq, rev: position.seq, body } }
}
