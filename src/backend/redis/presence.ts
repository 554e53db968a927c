import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { User } from '../../protocol/message.ts'
import type { Members } from '../backend.ts'
import { MemberList } from '../member-list.ts'
import type { RedisClient } from './client.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys } from './keys.ts'
import type { RedisScripts } from './scripts.ts'

/** Members named by one read at least, where there are that many. More than are asked for are counted only. */
const MAX_NAMED = 200

/** Whether there was a lease, and some processes whose lease is over. */
type LeaseReply = readonly [isKnown: number, expired: readonly string[]]

/**
 * Who is in which room, on all processes. Each process holds its own members under a lease: one that dies is cleared away by any
 * other, and one that was taken for dead, or whose Redis lost everything, finds that its lease is gone and enters its members again.
 */
export class RedisPresence {
  readonly #process: string
  readonly #connection: RedisConnection
  readonly #scripts: RedisScripts
  readonly #keys: RedisKeys
  readonly #leaseMs: number
  readonly #rooms = new Map<RoomId, Map<UserId, User>>()
  /** Rooms in which Redis may not hold what this process does. */
  readonly #unsure = new Set<RoomId>()

  constructor(process: string, connection: RedisConnection, scripts: RedisScripts, keys: RedisKeys, leaseMs: number) {
    this.#process = process
    this.#connection = connection
    this.#scripts = scripts
    this.#keys = keys
    this.#leaseMs = leaseMs
  }

  enter(room: RoomId, user: User): void {
    const known = this.#rooms.get(room)
    const members = known ?? new Map<UserId, User>()
    this.#rooms.set(room, members.set(user.id, user))
    if (!known) this.#attempt(room, () => this.#send(['SADD', this.#keys.roomsOf(this.#process), room]))
    this.#attempt(room, () => this.#run(room, this.#process, ['enter', user.id, JSON.stringify(user)]))
  }

  exit(room: RoomId, user: UserId): void {
    const members = this.#rooms.get(room)
    if (!members?.delete(user)) return
    this.#attempt(room, () => this.#run(room, this.#process, ['exit', user]))
    if (members.size > 0) return
    this.#rooms.delete(room)
    this.#attempt(room, () => this.#send(['SREM', this.#keys.roomsOf(this.#process), room]))
  }

  async members(room: RoomId, limit: number): Promise<Members> {
    const { members } = this.#keys.room(room)
    const most = String(Math.max(MAX_NAMED, limit))
    const reply = await this.#connection.run((client) => this.#scripts.run(client, 'members', [members], [most]))
    const [count, users] = reply as readonly [number, readonly string[]]
    const list = new MemberList()
    for (const user of users) list.add(JSON.parse(user) as User)
    return { count, users: list.first(limit).users }
  }

  /** Takes or prolongs the lease, by which others know that this process is there. */
  async takeLease(client: RedisClient): Promise<LeaseReply> {
    const args = [this.#process, String(this.#leaseMs)]
    return (await this.#scripts.run(client, 'lease', [this.#keys.leases], args)) as LeaseReply
  }

  async dropLease(client: RedisClient): Promise<void> {
    await client.sendCommand(['ZREM', this.#keys.leases, this.#process])
  }

  /** Prolongs the lease, puts right what is unsure, and clears away who is dead. To be called three times per lease at least. */
  async renew(): Promise<void> {
    const [isKnown, expired] = await this.#connection.run((client) => this.takeLease(client))
    if (isKnown === 0) for (const room of this.#rooms.keys()) this.#unsure.add(room)
    await this.#settle()
    for (const process of expired) await this.#bury(process)
  }

  /** For a new connection: what was entered and left while there was none is made known. */
  async restore(): Promise<void> {
    const registered = (await this.#send(['SMEMBERS', this.#keys.roomsOf(this.#process)])) as RoomId[]
    for (const room of [...registered, ...this.#rooms.keys()]) this.#unsure.add(room)
    await this.renew()
  }

  /** Takes all members of this process out. */
  async leave(): Promise<void> {
    this.#rooms.clear()
    await this.#bury(this.#process)
  }

  async #settle(): Promise<void> {
    const rooms = [...this.#unsure]
    this.#unsure.clear()
    await Promise.all(rooms.map((room) => this.#hold(room)))
  }

  /** Makes Redis hold in the room exactly whom this process does. */
  async #hold(room: RoomId): Promise<void> {
    const members = [...(this.#rooms.get(room)?.values() ?? [])]
    const registry = members.length > 0 ? 'SADD' : 'SREM'
    try {
      const named = members.flatMap((user) => [user.id, JSON.stringify(user)])
      await Promise.all([
        this.#send([registry, this.#keys.roomsOf(this.#process), room]),
        this.#run(room, this.#process, ['hold', ...named]),
      ])
    } catch (error) {
      this.#unsure.add(room)
      throw error
    }
  }

  /** Takes a process's members out of all rooms. Done by several processes at once, or half, it can be done again. */
  async #bury(process: string): Promise<void> {
    const registry = this.#keys.roomsOf(process)
    const rooms = (await this.#send(['SMEMBERS', registry])) as RoomId[]
    const clear = async (room: RoomId): Promise<void> => {
      await this.#run(room, process, ['hold'])
      await this.#send(['SREM', registry, room])
    }
    await Promise.all(rooms.map(clear))
    // If it was not dead, it finds its lease gone at the next renewal.
    await this.#send(['ZREM', this.#keys.leases, process])
  }

  /** What fails is done at the next renewal. */
  #attempt(room: RoomId, work: () => Promise<unknown>): void {
    work().catch(() => this.#unsure.add(room))
  }

  #run(room: RoomId, process: string, [action, ...args]: readonly [string, ...string[]]): Promise<unknown> {
    const keys = this.#keys.room(room)
    return this.#connection.run((client) =>
      this.#scripts.run(
        client,
        'presence',
        [keys.members, keys.holders, keys.held(process)],
        [action, keys.channel, process, ...args],
        // An earlier call may be carried out after a later one.
        () => this.#unsure.add(room),
      ),
    )
  }

  #send(command: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => client.sendCommand(command))
  }
}
