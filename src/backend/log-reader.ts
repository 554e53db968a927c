import { ChatError } from '../protocol/errors.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { MessageId, Seq } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import type { CatchUp, Page, PageQuery, StoredMessage } from './backend.ts'
import type { LogStore, StoredRoom } from './log-store.ts'
import { takePage, takePageAround } from './take-page.ts'

/** Changes that are looked through at a time, and for one page, for the messages that they were the last to. */
const WINDOW_CHANGES = 128
const MAX_CHANGES_READ = 4_096

/** What changed in `room` after `since`, or why that cannot be told. */
export function readChanges(store: LogStore, room: StoredRoom, since: Position, limit: number): CatchUp {
  const reason = findResetReason(store, room, since)
  if (reason) return { status: 'reset', reason }
  const reached = { seq: since.seq }
  const { messages, more } = takePage(changesAfter(store, room, reached, limit), limit)
  const seq = more ? messages.at(-1)!.rev : reached.seq
  return {
    status: 'resumed',
    messages,
    position: seq === room.head.seq ? room.head : positionAt(store, room, seq),
    head: room.head,
  }
}

/**
 * The messages changed after `reached.seq`, which moves on with what was looked through. Where most changes were superseded by later ones that is
 * more than there are messages, so it ends, and a page with it, after so much whatever was found.
 */
function* changesAfter(
  store: LogStore,
  room: StoredRoom,
  reached: { seq: Seq },
  limit: number,
): Generator<StoredMessage> {
  const end = Math.min(reached.seq + MAX_CHANGES_READ, room.head.seq)
  // For a short page the first look is short: mostly there is a message in every change.
  for (let size = limit + 1; reached.seq < end; size *= 2) {
    const upTo = Math.min(reached.seq + Math.min(size, WINDOW_CHANGES), end) as Seq
    yield* store.messagesChangedWithin(room.id, reached.seq, upTo)
    reached.seq = upTo
  }
}

/** Why `since` is not a position that this log can go on from, if it is not. */
function findResetReason(store: LogStore, { id, head, trimmed }: StoredRoom, since: Position): ResetReason | undefined {
  if (since.epoch !== head.epoch) return 'epoch'
  if (since.seq > head.seq) return 'ahead'
  if (since.seq < trimmed.seq) return 'trimmed'
  if (since.seq === 0) return undefined
  const tag = since.seq === trimmed.seq ? trimmed.tag : store.findTag(id, since.seq)
  return since.tag === tag ? undefined : 'fork'
}

/** The page of `room` that `query` asks for. */
export function readPage(store: LogStore, room: StoredRoom, query: PageQuery): Page {
  return { ...selectPage(store, room, query), head: room.head }
}

/** {@link PageQuery} with its edges side by side, for picking the one there is. */
interface Edges {
  readonly before?: Seq | undefined
  readonly after?: Seq | undefined
  readonly around?: MessageId | undefined
}

function selectPage(store: LogStore, { id, head }: StoredRoom, query: PageQuery): Omit<Page, 'head'> {
  const { before, after, around }: Edges = query
  if (around !== undefined) return selectAround(store, id, around, query.limit)
  if (after !== undefined) return selectAfter(store, id, Math.min(after, head.seq), query.limit)
  return selectBefore(store, id, Math.min(before ?? Infinity, head.seq + 1), query.limit)
}

function selectBefore(store: LogStore, room: number, before: number, limit: number): Omit<Page, 'head'> {
  const { messages, more } = takePage(store.messagesBefore(room, before as Seq), limit)
  const newer = store.messagesAfter(room, Math.max(before - 1, 0) as Seq)
  return { messages: messages.toReversed(), hasOlder: more, hasNewer: hasAny(newer) }
}

function selectAfter(store: LogStore, room: number, after: number, limit: number): Omit<Page, 'head'> {
  const { messages, more } = takePage(store.messagesAfter(room, after as Seq), limit)
  const older = store.messagesBefore(room, (after + 1) as Seq)
  return { messages, hasOlder: hasAny(older), hasNewer: more }
}

function selectAround(store: LogStore, room: number, around: MessageId, limit: number): Omit<Page, 'head'> {
  const centre = store.findMessage(room, around)
  if (!centre) throw new ChatError('message_not_found', `there is no message "${around}" in this room`)
  return takePageAround(centre, store.messagesBefore(room, centre.seq), store.messagesAfter(room, centre.seq), limit)
}

/** The position at the change `seq`, which is in the log. */
export function positionAt(store: LogStore, room: StoredRoom, seq: Seq): Position {
  const tag = store.findTag(room.id, seq)
  if (tag === undefined) throw new Error(`the log of ${room.name} has no change at ${seq}`)
  return { epoch: room.head.epoch, seq, tag }
}

function hasAny(messages: Iterable<StoredMessage>): boolean {
  return takePage(messages, 1).messages.length > 0
}
