import type { Key, RoomId, UserId } from '../../protocol/ids.ts'

/** The keys of one room, all under one hash tag: they lie on one server of a cluster, and one script may use them all. */
export interface RoomKeys {
  /** Hash: epoch, seq, tag, the server's lineage, and what is trimmed. */
  readonly head: string
  /** Hash: message id → tag of its newest change and body. */
  readonly messages: string
  /** Sorted set: message id by the seq of its post. */
  readonly posts: string
  /** Sorted set: message id by the seq of its newest change. */
  readonly changes: string
  /** Stream: the tag of every change, under its seq. */
  readonly log: string
  /** Hash: user → seq. */
  readonly markers: string
  /** Hash: user → JSON. */
  readonly members: string
  /** Hash: user → the processes that hold them, with spaces between. */
  readonly holders: string
  /** Where all that happens in the room is published. */
  readonly channel: string
  /** Set: the users that a process holds. */
  held(process: string): string
  /** String: since when what was last said of those was true, for an hour. */
  heldSince(process: string): string
  /** String: what became of a write, for a day. */
  sent(sender: UserId, key: Key): string
}

/** The names of all there is in Redis. A room's name has no brace. Keys are a database's own; channels are the whole server's. */
export class RedisKeys {
  readonly #prefix: string
  /** The prefix as the beginning of a pattern. */
  readonly #pattern: string
  /** The prefix of channels. */
  readonly #channels: string

  /** @param database Its number. */
  constructor(prefix: string, database: number) {
    this.#prefix = prefix
    this.#channels = database === 0 ? prefix : `${prefix}:db${database}`
    this.#pattern = prefix.replaceAll(/[*?[\]\\]/g, '\\$&')
  }

  room(room: RoomId): RoomKeys {
    const base = `${this.#prefix}:{${room}}`
    return {
      head: `${base}:head`,
      messages: `${base}:messages`,
      posts: `${base}:posts`,
      changes: `${base}:changes`,
      log: `${base}:log`,
      markers: `${base}:markers`,
      members: `${base}:members`,
      holders: `${base}:holders`,
      channel: this.channel(room),
      held: (process) => `${base}:held:${process}`,
      heldSince: (process) => `${base}:held-since:${process}`,
      // A key has no space.
      sent: (sender, key) => `${base}:sent:${key} ${sender}`,
    }
  }

  head(room: RoomId): string {
    return `${this.#prefix}:{${room}}:head`
  }

  channel(room: RoomId): string {
    return `${this.#channels}:{${room}}`
  }

  /** The room that `channel` is of, if it is a room's. */
  roomOf(channel: string): RoomId | undefined {
    return channel.endsWith('}') ? (channel.slice(this.#channels.length + 2, -1) as RoomId) : undefined
  }

  /** The room of a key that one of the patterns below finds. */
  roomOfKey(key: string): RoomId {
    return key.slice(this.#prefix.length + 2, key.indexOf('}', this.#prefix.length)) as RoomId
  }

  /** What a key of a write says. */
  sentOf(name: string): { readonly room: RoomId; readonly sender: UserId; readonly key: Key } {
    const room = this.roomOfKey(name)
    const [key = '', ...sender] = name.slice(`${this.#prefix}:{${room}}:sent:`.length).split(' ')
    return { room, sender: sender.join(' ') as UserId, key: key as Key }
  }

  /** Patterns that find the keys of all rooms. */
  get anyHead(): string {
    return `${this.#pattern}:{*}:head`
  }

  get anyMarkers(): string {
    return `${this.#pattern}:{*}:markers`
  }

  get anySent(): string {
    return `${this.#pattern}:{*}:sent:*`
  }

  get anySecret(): string {
    return `${this.#pattern}:secret:*`
  }

  /** Hash, one on each server: for how long it is known to have lost nothing. */
  get lineage(): string {
    return `${this.#prefix}:lineage`
  }

  /** String: written to see whether writes are taken. */
  get alive(): string {
    return `${this.#prefix}:alive`
  }

  /** Sorted set: processes by the end of their lease. */
  get leases(): string {
    return `${this.#prefix}:leases`
  }

  /** String: the process that does some work for all, while its lease lasts. */
  lease(work: string): string {
    return `${this.#prefix}:lease:${work}`
  }

  /** String: the epoch of the chat that is being restored, while it is. */
  get restoring(): string {
    return `${this.#prefix}:restoring`
  }

  /** String: what was restored. */
  get restored(): string {
    return `${this.#prefix}:restored`
  }

  secret(name: string): string {
    return `${this.#prefix}:secret:${name}`
  }

  secretOf(key: string): string {
    return key.slice(this.secret('').length)
  }

  /** Set: the rooms in which a process may hold members, each after since when and a space. */
  roomsOf(process: string): string {
    return `${this.#prefix}:rooms:${process}`
  }

  /** Stream: what was said to all processes. */
  get broadcasts(): string {
    return `${this.#prefix}:broadcasts`
  }

  /** Where that is published. */
  get broadcastChannel(): string {
    return `${this.#channels}:broadcasts`
  }

  /** Where a process publishes to itself. */
  probe(process: string): string {
    return `${this.#channels}:probe:${process}`
  }
}
