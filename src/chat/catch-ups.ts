import { CLOSE } from '../protocol/close.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import { ChangePages } from './change-pages.ts'
import type { ChatContext } from './context.ts'
import type { ChangeFrames } from './dialects.ts'
import { readPatiently } from './patience.ts'
import type { RoomReader } from './reader.ts'

/** What catching up asks of its room. */
export interface CaughtUpRoom {
  readonly id: RoomId
  readonly head: Position
}

/** Brings readers that are behind to the head of their room, each at the pace of its line, from the log. */
export class CatchUps {
  readonly #context: ChatContext
  readonly #room: CaughtUpRoom
  readonly #pages: ChangePages
  #onProgress: (() => void)[] = []

  constructor(context: ChatContext, room: CaughtUpRoom) {
    this.#context = context
    this.#room = room
    this.#pages = new ChangePages(context, room.id)
  }

  /** Brings a reader that has everything up to `position` to the head, and lets it go live there. */
  start(reader: RoomReader, dialect: ChangeFrames, position: Position): void {
    this.#bringUp(reader, dialect, position).catch((error: unknown) => {
      this.#context.options.onError(error, { stage: 'catching up a reader' })
      reader.link.end(CLOSE.internalError)
    })
  }

  /** The head has moved on. */
  progress(): void {
    for (const resume of this.#onProgress.splice(0)) resume()
  }

  expirePages(): void {
    this.#pages.expire()
  }

  /** The room is out of use, and its readers have left. */
  close(): void {
    this.#pages.close()
    this.progress()
  }

  async #bringUp(reader: RoomReader, dialect: ChangeFrames, start: Position): Promise<void> {
    const ticket = reader.holdBack('reading', start)
    let position = start
    while (reader.isHeld(ticket)) {
      const cursor = reader.fanOut.log.findCursor(position.seq)
      if (cursor) {
        reader.goLive(cursor)
        return this.#context.pump.flush(reader.fanOut, reader)
      }
      // A read may run ahead of what has been published to this process.
      if (position.seq > this.#room.head.seq) await new Promise<void>((resolve) => this.#onProgress.push(resolve))
      else position = (await this.#sendChanges(reader, dialect, ticket, position)) ?? position
      await reader.link.writable()
    }
  }

  /** Sends the next changes behind `position`; returns where the reader then stands, or undefined when it is to try again or to stop. */
  async #sendChanges(
    reader: RoomReader,
    dialect: ChangeFrames,
    ticket: number,
    position: Position,
  ): Promise<Position | undefined> {
    const { environment } = this.#context.options
    const read = await readPatiently(environment, () => this.#pages.read(dialect, position))
    if (!read || !reader.isHeld(ticket)) return undefined
    if (read.status === 'reset') {
      reader.owner.onReset(reader, read.reason)
      return undefined
    }
    reader.link.write(read.frames)
    reader.advance(read.position)
    return read.position
  }
}
