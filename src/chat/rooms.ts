import { ChatError } from '../protocol/errors.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { ChatContext } from './context.ts'
import { Room } from './room.ts'

/** The rooms that have somebody in them on this process. A room opens with its first reader and closes some time after its last. */
export class Rooms {
  readonly #context: () => ChatContext
  readonly #rooms = new Map<RoomId, Promise<Room>>()
  readonly #open = new Map<RoomId, Room>()

  constructor(context: () => ChatContext) {
    this.#context = context
  }

  get size(): number {
    return this.#open.size
  }

  /** @throws {ChatError} `room_not_found` where the operator named the rooms there are and this is none of them. */
  check(id: RoomId): void {
    const { rooms } = this.#context().options
    if (rooms.length > 0 && !rooms.includes(id)) throw roomNotFound(id)
  }

  /** @throws {ChatError} `room_not_found`, or `unavailable` */
  open(id: RoomId): Promise<Room> {
    this.check(id)
    const known = this.#rooms.get(id)
    if (known) return known
    const opening = Room.open(this.#context(), id, () => this.#forget(id, opening))
    this.#rooms.set(id, opening)
    opening.then(
      // A reset that came with the room has it forgotten before it was known here.
      (room) => void (this.#rooms.get(id) === opening ? this.#open.set(id, room) : room.close()),
      () => this.#forget(id, opening),
    )
    return opening
  }

  /** The room, if it is open. */
  find(id: RoomId): Room | undefined {
    return this.#open.get(id)
  }

  /** Closes the rooms nobody is in. Called now and then, so that a room left and entered again need not be read again. */
  sweep(): void {
    for (const [id, room] of this.#open) {
      if (room.isIdle) this.#close(id, room)
      else room.expirePages()
    }
  }

  close(): void {
    for (const [id, room] of this.#open) this.#close(id, room)
  }

  #close(id: RoomId, room: Room): void {
    this.#rooms.delete(id)
    this.#open.delete(id)
    room.close()
  }

  #forget(id: RoomId, opening: Promise<Room>): void {
    if (this.#rooms.get(id) !== opening) return
    this.#rooms.delete(id)
    this.#open.get(id)?.close()
    this.#open.delete(id)
  }
}

/** The same for a room that is not there and for one that is hidden from whoever asks. */
export function roomNotFound(id: RoomId): ChatError {
  return new ChatError('room_not_found', `there is no room "${id}" here`)
}
