import type { Change, Resumed, StoredMessage } from '../backend/backend.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Message } from '../protocol/message.ts'
import { changeJson, changesJson } from './frames.ts'
import type { Dialect } from './observer.ts'

/** How a room's changes look to the connections of one dialect. */
export interface ChangeFrames {
  readonly name: Dialect
  /** One live change; undefined where the dialect has no word for it. */
  change(room: RoomId, change: Change): string | undefined
  /** What a reader missed after `after`: one frame, or one for each message. */
  changes(room: RoomId, after: Seq, missed: Resumed): readonly string[]
}

export const NATTER_V1: ChangeFrames = {
  name: 'natter.v1',
  change: changeJson,
  changes: (room, after, missed) => [changesJson(room, after, missed)],
}

/** What the demo of 2013 spoke: posts only, escaped, because its clients put them into a page as HTML. */
export const PLAIN: ChangeFrames = {
  name: 'plain',
  change: (_room, { message }) => (message.rev === message.seq ? plainJson(message) : undefined),
  changes: (_room, after, { messages }) =>
    messages
      .filter(({ seq }) => seq > after)
      .map(plainJson)
      .filter((json) => json !== undefined),
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
