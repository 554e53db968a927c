import type { Change, Members, Page, Resumed, StoredMessage } from '../backend/backend.ts'
import type { RemovedEvent, ServerEvent } from '../protocol/events.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'

/**
 * Events put together from JSON that is there already: a stored message's body goes out as it is, and no page is ever parsed.
 * Everything else goes through {@link eventJson}, which the compiler checks.
 */
export function eventJson(event: ServerEvent): string {
  return JSON.stringify(event)
}

/** Tells a reader that the room is theirs no more; not whether there still is one. */
export function removedFrom(room: RoomId): RemovedEvent {
  return { type: 'removed', room, code: 'forbidden', message: 'you may not read this room any more' }
}

export function changeJson(room: RoomId, { position, message }: Change): string {
  return `{"type":"change","room":${JSON.stringify(room)},"seq":${position.seq},"tag":"${position.tag}","message":${messageJson(message)}}`
}

export function changesJson(room: RoomId, after: Seq, { position, head, messages }: Resumed): string {
  return withMessages(
    JSON.stringify({ type: 'changes', room, after, position, head: head.seq }),
    messagesJson(messages),
  )
}

export interface JoinedParts {
  readonly id: number
  readonly room: RoomId
  readonly title?: string
  readonly resumed: boolean
  readonly reset?: string
  readonly position: Position
  readonly head: Seq
  readonly hasOlder?: boolean
  readonly readSeq: Seq
}

export function joinedJson(joined: JoinedParts, members: Members, membersNamed: number, messages: string): string {
  return withMessages(JSON.stringify({ type: 'joined', ...joined, ...memberFields(members, membersNamed) }), messages)
}

export function pageJson(
  id: number,
  room: RoomId,
  hasOlder: boolean,
  hasNewer: boolean,
  messages: readonly StoredMessage[],
): string {
  return withMessages(JSON.stringify({ type: 'page', id, room, hasOlder, hasNewer }), messagesJson(messages))
}

/** The same for whoever reads without a connection, and with the position that the room can be followed from. */
export function restPageJson(room: RoomId, { head, hasOlder, hasNewer, messages }: Page): string {
  return withMessages(JSON.stringify({ room, position: head, hasOlder, hasNewer }), messagesJson(messages))
}

/** The members by name, unless there are more than a room names. */
export function memberFields(
  { count, users }: Members,
  membersNamed: number,
): Pick<Members, 'count'> & { members?: Members['users'] } {
  return count > membersNamed ? { count } : { count, members: users }
}

export function messagesJson(messages: readonly StoredMessage[]): string {
  return `[${messages.map(messageJson).join(',')}]`
}

/** The body is a JSON object with at least an id, so the fields that the log gives can stand before its own. */
export function messageJson({ seq, rev, body }: StoredMessage): string {
  return rev === seq ? `{"seq":${seq},${body.slice(1)}` : `{"seq":${seq},"rev":${rev},${body.slice(1)}`
}

function withMessages(objectJson: string, messages: string): string {
  return `${objectJson.slice(0, -1)},"messages":${messages}}`
}
