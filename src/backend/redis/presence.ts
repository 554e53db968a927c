import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { User } from '../../protocol/message.ts'
import type { Members } from '../backend.ts'
import { MemberList } from '../member-list.ts'
import type { RedisClient } from './client.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys } from './keys.ts'
import type { RedisScripts, ScriptName } from './scripts.ts'

/** Members named by one read at least, where there are that many. More than are asked for are counted only. */
const MAX_NAMED = 200

/** The time, whether there was a lease, and some processes whose lease is over. */
type LeaseReply = readonly [now: string, isKnown: number, expired: readonly string[]]

/** Rooms that are put right at a time: each has its answer long before the connection would be taken for dead. */
const BATCH = 100

/**
 * Who is in which room, on all processes. Each process holds its own members under a lease: one that dies is cleared away by any
 * other, and one that was taken for dead, or whose Redis lost everything, finds that its lease is gone and enters its members again.
 *
 * A line may hold back what was sent, and let it through when another connection has long said something else. So all that is said of a
 * process carries since when it is true: docs/decisions/0044.
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
  /** When this connection or lease began, by the clock of the server that has the leases. Only ever grows. */
  #since = 0
  /** The same by the clock of this process. */
  #begunAt = performance.now()

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
    if (!known) this.#attempt(room, () => this.#register('SADD', room))
    this.#attempt(room, () => this.#tell(room, ['enter', user.id, JSON.stringify(user)]))
  }

  exit(room: RoomId, user: UserId): void {
    const members = this.#rooms.get(room)
    if (!members?.delete(user)) return
    this.#attempt(room, () => this.#tell(room, ['exit', user]))
    if (members.size > 0) return
    this.#rooms.delete(room)
    this.#attempt(room, () => this.#register('SREM', room))
  }

  async members(room: RoomId, limit: number): Promise<Members> {
    const { members } = this.#keys.room(room)
    const reply = await this.#run('members', [members], [String(Math.max(MAX_NAMED, limit))])
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
  renew(): Promise<void> {
    return this.#renew('same')
  }

  /** For a new connection: what was entered and left while there was none is made known. */
  restore(): Promise<void> {
    return this.#renew('new')
  }

  /** Takes all members of this process out. */
  async leave(): Promise<void> {
    this.#rooms.clear()
    await this.#clear(this.#process, Infinity, this.#since)
    await this.#connection.run((client) => this.dropLease(client))
  }

  async #renew(connection: 'same' | 'new'): Promise<void> {
    const [now, isKnown, expired] = await this.#connection.run((client) => this.takeLease(client))
    if (connection === 'new' || isKnown === 0) await this.#begin(Number(now))
    else await this.#settle()
    // What has kept this process away may have kept others away. They have as long as a lease to be heard from.
    if (performance.now() - this.#begunAt < this.#leaseMs) return
    for (const process of expired) await this.#bury(process, Number(now))
  }

  /** Says all there is to say anew, so that whatever was said before and is still on its way is void. */
  async #begin(now: number): Promise<void> {
    // Whoever took this process for dead did it by an earlier time, or the same.
    this.#since = Math.max(this.#since, now) + 1
    this.#begunAt = performance.now()
    const known = await this.#entriesOf(this.#process)
    for (const entry of known) this.#unsure.add(entry.room)
    for (const room of this.#rooms.keys()) this.#unsure.add(room)
    await this.#settle()
    await this.#unregister(
      this.#process,
      known.filter(({ since }) => since < this.#since),
    )
  }

  async #settle(): Promise<void> {
    while (this.#unsure.size > 0) {
      const rooms = [...this.#unsure].slice(0, BATCH)
      for (const room of rooms) this.#unsure.delete(room)
      await Promise.all(rooms.map((room) => this.#hold(room)))
    }
  }

  /** Makes Redis hold in the room exactly whom this process does. */
  async #hold(room: RoomId): Promise<void> {
    const members = [...(this.#rooms.get(room)?.values() ?? [])]
    try {
      await Promise.all([
        this.#register(members.length > 0 ? 'SADD' : 'SREM', room),
        this.#tell(room, ['hold', ...members.flatMap((user) => [user.id, JSON.stringify(user)])]),
      ])
    } catch (error) {
      this.#unsure.add(room)
      throw error
    }
  }

  /** Takes out the members of a process whose lease was over at some time. Done by several processes at once, or half, it can be done again. */
  async #bury(process: string, time: number): Promise<void> {
    if (await this.#clear(process, time, time)) await this.#run('release', [this.#keys.leases], [process, String(time)])
  }

  /**
   * Takes a process's members out of all rooms that it registered until a time. Resolves with false where it has said something since: then
   * it lives, and its own word counts.
   */
  async #clear(process: string, until: number, since: number): Promise<boolean> {
    const entries = (await this.#entriesOf(process)).filter((entry) => entry.since <= until)
    let isSilent = true
    for (let i = 0; i < entries.length; i += BATCH) {
      const batch = entries.slice(i, i + BATCH)
      const newer = await Promise.all(batch.map(({ room }) => this.#say(room, process, since, ['hold'])))
      isSilent &&= newer.every((time) => time === 0)
    }
    if (isSilent) await this.#unregister(process, entries)
    return isSilent
  }

  /** What fails is done at the next renewal. */
  #attempt(room: RoomId, work: () => Promise<unknown>): void {
    work().catch(() => this.#unsure.add(room))
  }

  /** Says something of this process. */
  async #tell(room: RoomId, action: readonly [string, ...string[]]): Promise<void> {
    const newer = await this.#say(room, this.#process, this.#since, action)
    if (newer === 0) return
    // It was taken for dead, or the clock was put back. It knows best itself.
    this.#since = Math.max(this.#since, newer + 1)
    this.#unsure.add(room)
  }

  /** Resolves with 0, or where it was void, with since when something newer is true. */
  async #say(
    room: RoomId,
    process: string,
    since: number,
    [action, ...args]: readonly [string, ...string[]],
  ): Promise<number> {
    const keys = this.#keys.room(room)
    const reply = await this.#run(
      'presence',
      [keys.members, keys.holders, keys.held(process), keys.heldSince(process)],
      [action, keys.channel, process, String(since), ...args],
      // An earlier call may be carried out after a later one.
      () => this.#unsure.add(room),
    )
    return Number(reply)
  }

  #register(command: 'SADD' | 'SREM', room: RoomId): Promise<unknown> {
    return this.#send([command, this.#keys.roomsOf(this.#process), `${this.#since} ${room}`])
  }

  async #entriesOf(process: string): Promise<RegistryEntry[]> {
    const entries = await this.#send(['SMEMBERS', this.#keys.roomsOf(process)])
    return (entries as readonly string[]).map(parseEntry)
  }

  async #unregister(process: string, entries: readonly RegistryEntry[]): Promise<void> {
    if (entries.length > 0)
      await this.#send(['SREM', this.#keys.roomsOf(process), ...entries.map(({ since, room }) => `${since} ${room}`)])
  }

  #run(
    script: ScriptName,
    keys: readonly string[],
    args: readonly string[],
    onForgotten?: () => void,
  ): Promise<unknown> {
    return this.#connection.run((client) => this.#scripts.run(client, script, keys, args, onForgotten))
  }

  #send(command: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => client.sendCommand(command))
  }
}

/** A room in which a process may hold members, and since when that is true. */
interface RegistryEntry {
  readonly since: number
  readonly room: RoomId
}

function parseEntry(text: string): RegistryEntry {
  const [since, room = ''] = text.split(' ')
  return { since: Number(since), room: room as RoomId }
}
