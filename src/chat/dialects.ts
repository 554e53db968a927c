import type { Change, Resumed, StoredMessage } from '../backend/backend.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Message, Position } from '../protocol/message.ts'
import { formatPosition } from '../protocol/position.ts'
import { changeJson, changesJson, eventJson } from './frames.ts'
import type { Dialect } from './observer.ts'
import type { EncodeFrame } from './transport.ts'

/** How a room's changes look to the connections of one dialect. */
export interface ChangeFrames {
  readonly name: Dialect
  /** Makes bytes of a frame's text; absent where that is the transport's. */
  readonly encode?: EncodeFrame
  /** One live change; undefined where the dialect has no word for it. */
  change(room: RoomId, change: Change): string | undefined
  /** What a reader missed after `after`: one frame, or one for each message. */
  changes(room: RoomId, after: Seq, missed: Resumed): readonly string[]
}

const NATTER_V1: ChangeFrames = {
  name: 'natter.v1',
  change: changeJson,
  changes: (room, after, missed) => [changesJson(room, after, missed)],
}

/** What the demo of 2013 spoke: posts only, escaped, because its clients put them into a page as HTML. */
const PLAIN: ChangeFrames = {
  name: 'plain',
  change: (_room, { message }) => (message.rev === message.seq ? plainJson(message) : undefined),
  changes: (_room, after, { messages }) =>
    messages
      .filter(({ seq }) => seq > after)
      .map(plainJson)
      .filter((json) => json !== undefined),
}

/** Server-sent events: what `natter.v1` says of changes, each under the position of a reader that has it. */
export const SSE: ChangeFrames = {
  name: 'sse',
  encode: (text) => Buffer.from(text),
  change: (room, change) => sseEvent(changeJson(room, change), change.position),
  changes: (room, after, missed) => [sseEvent(changesJson(room, after, missed), missed.position)],
}

export const DIALECTS: Readonly<Record<Dialect, ChangeFrames>> = { 'natter.v1': NATTER_V1, plain: PLAIN, sse: SSE }

/** One server-sent event. `position`: where its reader stands, which it names when it comes back; absent, that stays where it was. */
export function sseEvent(json: string, position?: Position): string {
  return position ? `id: ${formatPosition(position)}\ndata: ${json}\n\n` : `data: ${json}\n\n`
}

/** The last event of a stream: when to come back, for who reads it and for the browser. */
export function goodbyeText(retryInMs: number): string {
  return `retry: ${retryInMs}\n${sseEvent(eventJson({ type: 'goodbye', retryInMs }))}`
}

function plainJson({ body }: StoredMessage): string | undefined {
  const { author, text, deletedAt } = JSON.parse(body) as Message
  if (deletedAt !== undefined) return undefined
  return JSON.stringify({ handle: escapeHtml(author.name), text: escapeHtml(text) })
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
