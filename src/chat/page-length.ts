import { ChatError } from '../protocol/errors.ts'
import { DEFAULT_PAGE_MESSAGES } from '../protocol/limits.ts'
import type { Limits } from '../protocol/limits.ts'

/**
 * How many messages a page holds, for a client that asked for `limit` or did not say.
 *
 * @throws {ChatError} `bad_command`
 */
export function pageLength(limit: number | undefined, { pageMessages }: Limits): number {
  if (limit === undefined) return Math.min(DEFAULT_PAGE_MESSAGES, pageMessages)
  if (limit <= pageMessages) return limit
  throw new ChatError('bad_command', `"limit": a page holds at most ${pageMessages} messages`)
}
