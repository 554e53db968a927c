import type { CatchUp } from '../backend/backend.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import type { ChatContext } from './context.ts'
import type { ChangeFrames } from './dialects.ts'
import { PageCache } from './page-cache.ts'

/** Messages read from the log at a time, to bring a reader up. */
export const CATCH_UP_MESSAGES = 100

/** Pages kept: enough for a crowd that was cut off together and reads its way back side by side. */
const MAX_PAGES = 16

export type ChangePage =
  | { readonly status: 'read'; readonly frames: Uint8Array; readonly position: Position; readonly isProgress: boolean }
  | Extract<CatchUp, { status: 'reset' }>

/**
 * What a room's readers missed, encoded, a page at a time. A page is read once for all who stand at one position: who lost the line
 * together comes back together. A page stays true as the log goes on, since what changes later has a higher rev.
 */
export class ChangePages {
  readonly #context: ChatContext
  readonly #room: RoomId
  readonly #kept: PageCache<ChangePage>

  constructor(context: ChatContext, room: RoomId) {
    this.#context = context
    this.#room = room
    this.#kept = new PageCache(context.options.environment, context.pump.budget, MAX_PAGES, bytesOf)
  }

  /** @throws {ChatError} `unavailable` */
  read(dialect: ChangeFrames, since: Position): Promise<ChangePage> {
    const name = `${dialect.name} ${since.seq} ${since.tag} ${since.epoch}`
    return this.#kept.get(name, () => this.#read(dialect, since))
  }

  expire(): void {
    this.#kept.expire()
  }

  close(): void {
    this.#kept.close()
  }

  async #read(dialect: ChangeFrames, since: Position): Promise<ChangePage> {
    const { backend, encodeFrame } = this.#context.options
    const read = await backend.readChanges(this.#room, since, CATCH_UP_MESSAGES)
    if (read.status === 'reset') return read
    const frames = Buffer.concat(dialect.changes(this.#room, since.seq, read).map(dialect.encode ?? encodeFrame))
    return { status: 'read', frames, position: read.position, isProgress: read.position.seq > since.seq }
  }
}

/** A page that brought its reader nowhere is not kept: the next try may fare better. */
function bytesOf(page: ChangePage): number {
  // A plain page may have frames for none of its changes, and is kept for what it says.
  return page.status === 'read' && page.isProgress ? Math.max(1, page.frames.byteLength) : 0
}
