import type { MessageId } from '../protocol/ids.ts'
import type { Entry } from './entry.ts'

/** As many are remembered per room. */
const MAX_RECENT = 50

/** The writes that were stored last, in case the log loses them. */
export class RecentWrites {
  #entries: readonly Entry[] = []

  add({ write, order, at }: Entry, messageId: MessageId): void {
    const entry: Entry = { write, order, at, state: { status: 'queued' }, lost: messageId }
    this.#entries = [...this.#entries, entry].slice(-MAX_RECENT)
  }

  /** Hands out, to be sent again, those written after the time `since`; forgets them all. */
  takeAll(since: number): Entry[] {
    const entries = this.#entries.filter(({ at }) => at > since)
    this.#entries = []
    return entries
  }
}
