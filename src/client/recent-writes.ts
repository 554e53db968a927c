import type { MessageId } from '../protocol/ids.ts'
import type { Entry } from './entry.ts'

/** As many are remembered per room. */
const MAX_RECENT = 50

/** The writes that were stored last, in case the log loses them. */
export class RecentWrites {
  #entries: Entry[] = []

  add({ write, at }: Entry, messageId: MessageId): void {
    this.#entries = [...this.#entries, { write, at, state: { status: 'queued' } as const, lost: messageId }].slice(
      -MAX_RECENT,
    )
  }

  /** Hands out those written after `since`, and forgets all. */
  takeAll(since: number): Entry[] {
    const entries = this.#entries.filter(({ at }) => at > since)
    this.#entries = []
    return entries
  }
}
