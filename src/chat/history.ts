import type { Page } from '../backend/backend.ts'
import type { HistoryCommand } from '../protocol/commands.ts'
import type { ChatContext } from './context.ts'
import { pageLength } from './page-length.ts'
import type { Speaker } from './speaker.ts'

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
