import type { RoomId, Seq, Tag } from '../protocol/ids.ts'
import { UNSTORED } from './log-store.ts'
import type { LogStore, StoredRoom } from './log-store.ts'

/** Rooms kept in memory, so that most commands find the head of their room without a query. */
const MAX_ROOMS = 10_000

const START = { seq: 0 as Seq, tag: '' as Tag }

/** The rooms as they were last committed. */
export class RoomCache {
  readonly #store: LogStore
  readonly #rooms = new Map<RoomId, StoredRoom>()

  constructor(store: LogStore) {
    this.#store = store
  }

  find(name: RoomId): StoredRoom {
    const known = this.#rooms.get(name)
    if (known) return known
    const room = this.#store.findRoom(name)
    // A name without a room is not remembered: anybody can make up any number of them.
    if (!room) return { id: UNSTORED, name, head: { epoch: this.#store.epoch, ...START }, trimmed: START }
    this.set(room)
    return room
  }

  set(room: StoredRoom): void {
    this.#rooms.set(room.name, room)
    if (this.#rooms.size <= MAX_ROOMS) return
    const [oldest] = this.#rooms.keys()
    if (oldest !== undefined) this.#rooms.delete(oldest)
  }
}
