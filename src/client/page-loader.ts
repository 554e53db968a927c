import type { HistoryCommand } from '../protocol/commands.ts'
import type { PageEvent } from '../protocol/events.ts'
import type { MessageId, RoomId, Seq } from '../protocol/ids.ts'
import type { Message } from '../protocol/message.ts'
import { RETRY_AFTER_MS } from './backoff.ts'
import type { Connection } from './connection.ts'
import { createDeferred } from './deferred.ts'
import { isTransient } from './entry.ts'
import type { ClientEnvironment } from './environment.ts'
import type { Timeline } from './timeline.ts'

type Query = Pick<HistoryCommand, 'before' | 'after' | 'around'>
type Kind = 'older' | 'newer' | 'around'

/** Places in the log that are shown before a seq: some of them were edits or reactions. */
const CONTEXT = 10

interface Load {
  readonly kind: Kind
  readonly message: MessageId | Seq | undefined
  readonly promise: Promise<boolean>
  readonly settle: (loaded: boolean) => void
}

export interface PageLoaderOptions {
  readonly room: RoomId
  readonly timeline: Timeline
  readonly environment: Pick<ClientEnvironment, 'setTimer'>
  readonly connection: Connection
  /** A page is in the timeline. */
  readonly onPage: (messages: readonly Message[]) => void
  readonly onChange: () => void
}

/** Brings pages of history into a timeline: one at a time, and if need be after the next reconnect. */
export class PageLoader {
  readonly #options: PageLoaderOptions
  #load: Load | undefined
  #isOpen = false
  #stopTimer = (): void => {}

  constructor(options: PageLoaderOptions) {
    this.#options = options
  }

  get loading(): Kind | undefined {
    return this.#load?.kind
  }

  /** Resolves to whether something was loaded; to false also where another load takes its place. */
  load(kind: Kind, message?: MessageId | Seq): Promise<boolean> {
    if (this.#load?.kind === kind && this.#load.message === message) return this.#load.promise
    this.cancel()
    const { promise, resolve: settle } = createDeferred<boolean>()
    this.#load = { kind, message, promise, settle }
    if (kind === 'newer') this.#addAtHand()
    if (this.#isOpen && this.#load) this.#ask(this.#load)
    this.#options.onChange()
    return promise
  }

  /** The room is joined: asks for what is still wanted. */
  open(): void {
    this.#isOpen = true
    if (this.#load) this.#ask(this.#load)
  }

  close(): void {
    this.#isOpen = false
    this.#stopTimer()
  }

  cancel(): void {
    this.#stopTimer()
    this.#load?.settle(false)
    this.#load = undefined
  }

  /** What follows the window may be here already. */
  #addAtHand(): void {
    const { timeline } = this.#options
    const messages = timeline.nextAtHand()
    if (messages.length === 0) return
    timeline.addNewer({ messages, hasOlder: true })
    this.#finish(true)
  }

  #ask(load: Load): void {
    const { timeline, room, environment, connection } = this.#options
    const query = this.#queryOf(load)
    if (query === undefined) return this.#finish(false)
    timeline.beginLoading()
    connection.request({ type: 'history', room, ...query }, (answer) => {
      if (load !== this.#load) return
      if (answer.type === 'page') this.#receive(load, query, answer)
      else if (answer.type !== 'error' || !isTransient(answer.code)) this.#finish(false)
      else this.#stopTimer = environment.setTimer(() => this.#ask(load), answer.retryAfterMs ?? RETRY_AFTER_MS)
    })
  }

  /** Undefined where there is nothing to load. */
  #queryOf({ kind, message }: Load): Query | undefined {
    const { messages, hasOlder, hasNewer } = this.#options.timeline
    const [first, last] = [messages[0]?.seq, messages.at(-1)?.seq]
    if (kind === 'older') return hasOlder && first !== undefined ? { before: first } : undefined
    if (kind === 'newer') return hasNewer && last !== undefined ? { after: last } : undefined
    if (typeof message === 'number') return { after: Math.max(0, message - 1 - CONTEXT) as Seq }
    return message && { around: message }
  }

  #receive(load: Load, query: Query, page: PageEvent): void {
    const { timeline } = this.#options
    const current = this.#queryOf(load)
    // The window was trimmed meanwhile, so the page no longer touches it.
    if (current?.before !== query.before || current?.after !== query.after) return this.#ask(load)
    if (load.kind === 'older') timeline.addOlder(page)
    else if (load.kind === 'newer') timeline.addNewer(page)
    else timeline.show(page)
    this.#options.onPage(page.messages)
    this.#finish(page.messages.length > 0)
  }

  #finish(loaded: boolean): void {
    this.#load?.settle(loaded)
    this.#load = undefined
    this.#options.onChange()
  }
}
