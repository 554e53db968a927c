import type { MessageId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { LoggedChange } from './archive.ts'
import type { StoredMessage } from './backend.ts'
import type { Mark } from './log-store.ts'

interface Entry {
  readonly tag: Tag
  /** The message, while this is its newest change. */
  message: StoredMessage | undefined
}

/** One room's messages and log, in arrays that are only ever added to at the end and trimmed at the start. */
export class MemoryRoom {
  /** By seq. */
  #messages: StoredMessage[] = []
  readonly #byId = new Map<MessageId, StoredMessage>()
  /** The change at seq `n` is `#entries[n - 1 - #trimmed]`. */
  #entries: Entry[] = []
  #trimmed = 0
  readonly #markers = new Map<UserId, Seq>()

  add(message: StoredMessage, tag: Tag): boolean {
    if (this.#byId.has(message.id)) return false
    this.#messages.push(message)
    this.#put(message, tag)
    return true
  }

  revise(id: MessageId, rev: Seq, at: Mark, body: string): Seq | undefined {
    const old = this.#byId.get(id)
    if (old?.rev !== rev) return undefined
    const message = { id, seq: old.seq, rev: at.seq, body }
    this.#messages[this.#indexAfter((old.seq - 1) as Seq)] = message
    const entry = this.#entryAt(rev)
    if (entry) entry.message = undefined
    this.#put(message, at.tag)
    return old.seq
  }

  find(id: MessageId): StoredMessage | undefined {
    return this.#byId.get(id)
  }

  *before(seq: Seq): Generator<StoredMessage> {
    for (let i = this.#indexAfter((seq - 1) as Seq) - 1; i >= 0; i--) {
      const message = this.#messages[i]
      if (message) yield message
    }
  }

  *after(seq: Seq): Generator<StoredMessage> {
    for (let i = this.#indexAfter(seq); i < this.#messages.length; i++) {
      const message = this.#messages[i]
      if (message) yield message
    }
  }

  *changedWithin(after: Seq, upTo: Seq): Generator<StoredMessage> {
    for (let i = after - this.#trimmed; i < upTo - this.#trimmed; i++) {
      const message = this.#entries[i]?.message
      if (message) yield message
    }
  }

  changesWithin(after: Seq, upTo: Seq): LoggedChange[] {
    return this.#entries.slice(after - this.#trimmed, upTo - this.#trimmed).map(({ tag, message }, index) => ({
      seq: (after + 1 + index) as Seq,
      tag,
      ...(message && { message }),
    }))
  }

  tagAt(seq: Seq): Tag | undefined {
    return this.#entryAt(seq)?.tag
  }

  countSuperseded(after: Seq, upTo: Seq): number {
    let count = 0
    for (let i = after - this.#trimmed; i < upTo - this.#trimmed; i++) if (!this.#entries[i]?.message) count++
    return count
  }

  removeChanges(to: Seq): number {
    // Whatever was last changed by then was posted by then.
    const candidates = this.#messages.splice(0, this.#indexAfter(to))
    const kept = candidates.filter(({ rev }) => rev > to)
    for (const { id, rev } of candidates) if (rev <= to) this.#byId.delete(id)
    this.#messages.unshift(...kept)
    this.#entries.splice(0, to - this.#trimmed)
    this.#trimmed = to
    return candidates.length - kept.length
  }

  marker(user: UserId): Seq {
    return this.#markers.get(user) ?? (0 as Seq)
  }

  setMarker(user: UserId, seq: Seq): void {
    this.#markers.set(user, seq)
  }

  markers(): Iterable<readonly [UserId, Seq]> {
    return this.#markers
  }

  /** The seq of the newest change there is an entry of, or was. */
  get end(): number {
    return this.#trimmed + this.#entries.length
  }

  restore({ seq, tag, message }: LoggedChange): void {
    if (this.#entries.length === 0) this.#trimmed = seq - 1
    if (!message) return void this.#entries.push({ tag, message })
    const old = this.#byId.get(message.id)
    if (old) return void this.revise(message.id, old.rev, { seq, tag }, message.body)
    this.#messages.splice(this.#indexAfter(message.seq), 0, message)
    this.#put(message, tag)
  }

  #put(message: StoredMessage, tag: Tag): void {
    this.#byId.set(message.id, message)
    this.#entries.push({ tag, message })
  }

  #entryAt(seq: Seq): Entry | undefined {
    return this.#entries[seq - 1 - this.#trimmed]
  }

  /** The index of the first message with a higher seq. */
  #indexAfter(seq: Seq): number {
    let [low, high] = [0, this.#messages.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#messages[middle]?.seq ?? Infinity) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }
}
