import type { RoomId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import type { ChatContext } from './context.ts'
import { messagesJson } from './frames.ts'
import { PageCache } from './page-cache.ts'
import { pageLength } from './page-length.ts'

/** UTF-16 code units are kept in two bytes at most. */
const MAX_BYTES_PER_UNIT = 2

/** The newest page as it is sent. */
export interface NewestPage {
  readonly head: Position
  readonly hasOlder: boolean
  readonly messages: string
}

/** A room's newest page, for those who join it. The one of usual length is kept while the head stands still. */
export class NewestPages {
  readonly #context: ChatContext
  readonly #room: RoomId
  readonly #usualLength: number
  readonly #kept: PageCache<NewestPage>

  constructor(context: ChatContext, room: RoomId) {
    const { environment, limits } = context.options
    this.#context = context
    this.#room = room
    this.#usualLength = pageLength(undefined, limits)
    this.#kept = new PageCache(
      environment,
      context.pump.budget,
      1,
      ({ messages }) => messages.length * MAX_BYTES_PER_UNIT,
    )
  }

  /** @throws {ChatError} `unavailable` */
  read(limit: number): Promise<NewestPage> {
    return limit === this.#usualLength ? this.#kept.get('usual', () => this.#read(limit)) : this.#read(limit)
  }

  /** The head has moved on. */
  clear(): void {
    this.#kept.clear()
  }

  close(): void {
    this.#kept.close()
  }

  expire(): void {
    this.#kept.expire()
  }

  async #read(limit: number): Promise<NewestPage> {
    const { head, hasOlder, messages } = await this.#context.options.backend.readPage(this.#room, { limit })
    return { head, hasOlder, messages: messagesJson(messages) }
  }
}
