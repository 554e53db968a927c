import type { PageEvent } from '../protocol/events.ts'
import type { MessageId, Seq } from '../protocol/ids.ts'
import type { Message } from '../protocol/message.ts'
import { revisionOf } from '../protocol/message.ts'

/** Messages kept in a window. It may exceed this by the slack, so that trimming is not done for each message. */
const MAX_MESSAGES = 1_000
const SLACK = 100
/** Messages that come from memory where a page would have come from the server. */
const STEP = 50

export type Page = Pick<PageEvent, 'messages' | 'hasOlder'>

/** Contiguous messages of a room, by seq. */
interface Window {
  readonly messages: readonly Message[]
  readonly hasOlder: boolean
}

/**
 * The messages at hand: always the newest ones (`#live`), and, while the user looks at older ones (`#detached`), those. Both are contiguous and
 * bounded: what lies farthest from where messages are added is dropped.
 */
export class Timeline {
  #live: Window = { messages: [], hasOlder: false }
  #detached: Window | undefined
  /** The newest seq when the user went back. */
  #leftAt = 0
  /** What changed while a page was on its way: the page may have been read before that. */
  #changedMeanwhile: Map<MessageId, Message> | undefined

  get messages(): readonly Message[] {
    return this.#view.messages
  }

  get hasOlder(): boolean {
    return this.#view.hasOlder
  }

  get hasNewer(): boolean {
    return this.#detached !== undefined
  }

  /** The room's newest messages, shown or not. */
  get newest(): Window {
    return this.#live
  }

  get latestSeq(): Seq {
    return this.#live.messages.at(-1)?.seq ?? (0 as Seq)
  }

  /** The newest seq at the time when `hasNewer` became true. */
  get leftAt(): number {
    return this.#leftAt
  }

  get #view(): Window {
    return this.#detached ?? this.#live
  }

  /** Starts over from the room's newest page. */
  reset({ messages, hasOlder }: Page): void {
    this.#live = { messages, hasOlder }
    this.#detached = this.#changedMeanwhile = undefined
  }

  /** Changes that are next in the log, each message in its newest state. Those posted after the seq `after` are new. */
  apply(messages: readonly Message[], after: Seq): void {
    for (const message of messages) this.#changedMeanwhile?.set(message.id, message)
    const changed = messages.filter(({ seq }) => seq <= after)
    const added = messages.filter(({ seq }) => seq > after).toSorted((a, b) => a.seq - b.seq)
    if (this.#detached) this.#detached = withReplaced(this.#detached, changed)
    this.#live = withoutOldest(withAdded(withReplaced(this.#live, changed), added))
  }

  /** A page is about to be asked for. */
  beginLoading(): void {
    this.#changedMeanwhile = new Map()
  }

  /** Puts a page before the window. */
  addOlder(page: Page): void {
    const grown = { messages: [...this.#current(page), ...this.messages], hasOlder: page.hasOlder }
    if (!this.#detached && grown.messages.length <= MAX_MESSAGES + SLACK) this.#live = grown
    else this.#detach({ ...grown, messages: grown.messages.slice(0, MAX_MESSAGES) })
  }

  /** Puts a page after the window, which has `hasNewer`. */
  addNewer(page: Page): void {
    const from = this.messages.at(-1)?.seq ?? 0
    const added = this.#current(page).filter(({ seq }) => seq > from)
    this.#detach(withoutOldest(withAdded(this.#view, added)))
  }

  /** Moves the window to a page around one message. */
  show(page: Page): void {
    this.#detach({ messages: this.#current(page), hasOlder: page.hasOlder })
  }

  /** Moves the window to the newest messages. */
  showLatest(): void {
    this.#detached = undefined
  }

  /** What follows the window, where it reaches into the newest messages, so that nobody has to be asked. */
  nextAtHand(): readonly Message[] {
    const { messages } = this.#live
    const from = this.messages.at(-1)?.seq ?? 0
    const index = messages.findIndex(({ seq }) => seq > from)
    return index > 0 ? messages.slice(index, index + STEP) : []
  }

  #detach(window: Window): void {
    const last = window.messages.at(-1)?.seq ?? 0
    if (!this.#detached) this.#leftAt = this.latestSeq
    this.#detached = window
    if (last < this.latestSeq) return

    // It reaches the newest messages, so the two windows are one.
    const [first] = this.#live.messages
    const older = window.messages.filter(({ seq }) => first === undefined || seq < first.seq)
    if (older.length > 0) {
      this.#live = withoutOldest({ messages: [...older, ...this.#live.messages], hasOlder: window.hasOlder })
    }
    this.#detached = undefined
  }

  /** The page's messages as they are by now, without those that the log is still to bring. */
  #current({ messages }: Page): Message[] {
    const changed = this.#changedMeanwhile
    this.#changedMeanwhile = undefined
    return messages
      .filter(({ seq }) => seq <= this.latestSeq)
      .map((message) => newer(message, changed?.get(message.id)))
  }
}

function newer(message: Message, other: Message | undefined): Message {
  return other !== undefined && revisionOf(other) > revisionOf(message) ? other : message
}

function withReplaced(window: Window, changed: readonly Message[]): Window {
  const byId = new Map(changed.map((message) => [message.id, message]))
  if (!window.messages.some(({ id }) => byId.has(id))) return window
  return { ...window, messages: window.messages.map((message) => newer(message, byId.get(message.id))) }
}

function withAdded(window: Window, added: readonly Message[]): Window {
  return added.length === 0 ? window : { ...window, messages: [...window.messages, ...added] }
}

function withoutOldest(window: Window): Window {
  if (window.messages.length <= MAX_MESSAGES + SLACK) return window
  return { messages: window.messages.slice(-MAX_MESSAGES), hasOlder: true }
}
