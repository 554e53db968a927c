import type { RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import type { Change, Members, RoomListener } from './backend.ts'
import { MemberList } from './member-list.ts'

interface Channel {
  /** One entry per subscription, which may share a listener. */
  readonly listeners: Set<{ readonly listener: RoomListener }>
  readonly members: MemberList
}

/** Who listens to which room and who is in it, within one process. All calls reach the listeners before they return. */
export class LocalFanOut {
  readonly #channels = new Map<RoomId, Channel>()

  /** Returns what takes the listener away again. */
  listen(room: RoomId, listener: RoomListener): () => void {
    const entry = { listener }
    this.#open(room).listeners.add(entry)
    return () => {
      this.#channels.get(room)?.listeners.delete(entry)
      this.#forgetIfUnused(room)
    }
  }

  publish(room: RoomId, change: Change): void {
    for (const { listener } of this.#listeners(room)) listener.onChange(change)
  }

  signal(room: RoomId, payload: string): void {
    for (const { listener } of this.#listeners(room)) listener.onSignal(payload)
  }

  moveMarker(room: RoomId, user: UserId, seq: Seq): void {
    for (const { listener } of this.#listeners(room)) listener.onMarker(user, seq)
  }

  enter(room: RoomId, user: User): void {
    this.#open(room).members.add(user)
    for (const { listener } of this.#listeners(room)) listener.onMembers()
  }

  exit(room: RoomId, user: UserId): void {
    if (!this.#channels.get(room)?.members.remove(user)) return
    for (const { listener } of this.#listeners(room)) listener.onMembers()
    this.#forgetIfUnused(room)
  }

  members(room: RoomId, limit: number): Members {
    return this.#channels.get(room)?.members.first(limit) ?? { count: 0, users: [] }
  }

  clear(): void {
    this.#channels.clear()
  }

  #listeners(room: RoomId): Channel['listeners'] | readonly [] {
    return this.#channels.get(room)?.listeners ?? []
  }

  #open(room: RoomId): Channel {
    const known = this.#channels.get(room)
    if (known) return known
    const channel: Channel = { listeners: new Set(), members: new MemberList() }
    this.#channels.set(room, channel)
    return channel
  }

  #forgetIfUnused(room: RoomId): void {
    const channel = this.#channels.get(room)
    if (channel?.listeners.size === 0 && channel.members.size === 0) this.#channels.delete(room)
  }
}
