import type { Page, StoredMessage } from '../backend/backend.ts'
import type { HistoryCommand } from '../protocol/commands.ts'
import type { MessageId, RoomId } from '../protocol/ids.ts'
import type { ChatContext } from './context.ts'
import { pageLength } from './page-length.ts'
import type { Speaker } from './speaker.ts'
import { messageNotFound } from './writes.ts'

export type HistoryQuery = Omit<HistoryCommand, 'type' | 'id'>

/**
 * A page of a room's history, for whoever may read it.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of `history`
 */
export async function readHistory(
  { access, options }: ChatContext,
  speaker: Speaker,
  { room, before, after, around, limit: asked }: HistoryQuery,
): Promise<Page> {
  await access.check(speaker, 'read', room)
  const limit = pageLength(asked, options.limits)
  const edge =
    around !== undefined ? { around } : before !== undefined ? { before } : after !== undefined ? { after } : {}
  const page = await options.backend.readPage(room, { limit, ...edge })
  // Access may have ended while the log was read.
  await access.check(speaker, 'read', room)
  return page
}

/**
 * One message, for whoever may read the room.
 *
 * @throws {ChatError} `room_not_found`, `message_not_found` or `unavailable`
 */
export async function readMessage(
  { access, options }: ChatContext,
  speaker: Speaker,
  room: RoomId,
  id: MessageId,
): Promise<StoredMessage> {
  await access.check(speaker, 'read', room)
  const message = await options.backend.findMessage(room, id)
  await access.check(speaker, 'read', room)
  if (!message) throw messageNotFound()
  return message
}
