import type { CatchUp } from '../backend/backend.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import type { ChatContext } from './context.ts'
import type { Dialect } from './dialects.ts'

/** Messages read from the log at a time, to bring a reader up. */
export const CATCH_UP_MESSAGES = 100

/** Pages kept: enough for a crowd that was cut off together and reads its way back side by side. */
const MAX_PAGES = 16

export type ChangePage =
  | { readonly status: 'read'; readonly frames: Uint8Array; readonly position: Position }
  | Extract<CatchUp, { status: 'reset' }>

interface KeptPage {
  readonly dialect: Dialect
  readonly since: Position
  readonly page: Promise<ChangePage>
}

/**
 * What a room's readers missed, encoded, a page at a time. A page is read once for all who stand at one position: who lost the line
 * together comes back together. A page stays true as the log goes on, since what changes later has a higher rev.
 */
export class ChangePages {
  readonly #context: ChatContext
  readonly #room: RoomId
  readonly #kept: KeptPage[] = []

  constructor(context: ChatContext, room: RoomId) {
    this.#context = context
    this.#room = room
  }

  /** @throws {ChatError} `unavailable` */
  read(dialect: Dialect, since: Position): Promise<ChangePage> {
    const kept = this.#kept.find((candidate) => candidate.dialect === dialect && isSame(candidate.since, since))
    if (kept) return kept.page
    const page = this.#read(dialect, since)
    const entry = { dialect, since, page }
    if (this.#kept.push(entry) > MAX_PAGES) this.#kept.shift()
    void this.#keepOnlyProgress(entry)
    return page
  }

  async #read(dialect: Dialect, since: Position): Promise<ChangePage> {
    const { backend, encodeFrame } = this.#context.options
    const read = await backend.readChanges(this.#room, since, CATCH_UP_MESSAGES)
    if (read.status === 'reset') return read
    const frames = dialect.changes(this.#room, since.seq, read).map(encodeFrame)
    return { status: 'read', frames: Buffer.concat(frames), position: read.position }
  }

  /** Forgets a page that could not be read, or that brought its reader nowhere: the next try may fare better. */
  async #keepOnlyProgress(entry: KeptPage): Promise<void> {
    const page = await entry.page.catch(() => undefined)
    if (page?.status === 'read' && page.position.seq > entry.since.seq) return
    const index = this.#kept.indexOf(entry)
    if (index >= 0) this.#kept.splice(index, 1)
  }
}

function isSame(one: Position, other: Position): boolean {
  return one.seq === other.seq && one.tag === other.tag && one.epoch === other.epoch
}
