import type { Epoch, MessageId, RoomId, Seq, Tag, UserId } from '../../protocol/ids.ts'
import type { Archive, ArchivePart, ArchiveState, KeptWrite, LoggedChange, RoomMarker } from '../archive.ts'
import { BackendError } from '../backend-error.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys } from './keys.ts'
import { KEY_LIFETIME_MS, PAGE_BYTES } from './log.ts'
import type { RedisLog } from './log.ts'
import { parseRows, toStored } from './rows.ts'
import type { RedisScripts, ScriptName } from './scripts.ts'
import type { RedisSecrets } from './secrets.ts'

/** Changes in one part. */
const BATCH = 128

/** Keys that one step of a scan looks at. */
const SCAN_COUNT = '500'

export interface RedisArchiveParts {
  /** As it is shown to people. */
  readonly address: string
  /** The id of this process among those that have a lease. */
  readonly process: string
  readonly connection: RedisConnection
  readonly scripts: RedisScripts
  readonly keys: RedisKeys
  readonly log: RedisLog
  readonly secrets: RedisSecrets
}

/**
 * The archive of a log in Redis. Rooms, markers and writes are found by walking through all keys, which may bring one twice: that is
 * passed over when it is restored.
 */
export class RedisArchive implements Archive {
  readonly #parts: RedisArchiveParts
  readonly #keys: RedisKeys

  constructor(parts: RedisArchiveParts) {
    this.#parts = parts
    this.#keys = parts.keys
  }

  async *read(): AsyncGenerator<ArchivePart> {
    yield { type: 'epoch', epoch: this.#parts.log.firstEpoch }
    for await (const names of this.#scan(this.#keys.anySecret)) {
      for (const key of names) {
        const name = this.#keys.secretOf(key)
        yield { type: 'secret', name, bytes: await this.#parts.secrets.find(name) }
      }
    }
    for await (const rooms of this.rooms()) {
      for (const room of rooms) yield* this.#readRoom(room)
    }
    for await (const names of this.#scan(this.#keys.anyMarkers)) {
      for (const room of this.#roomsOf(names, 'markers')) yield* this.#readMarkers(room)
    }
    for await (const names of this.#scan(this.#keys.anySent)) {
      yield { type: 'writes', writes: await this.#readWrites(names) }
    }
  }

  async state(): Promise<ArchiveState> {
    await this.#requireAlone()
    const restoring = await this.#send(['GET', this.#keys.restoring])
    if (restoring !== null) return { status: 'restoring', epoch: restoring as Epoch }
    const restored = await this.#send(['GET', this.#keys.restored])
    if (restored !== null) return { status: 'used', restored: restored as string }
    for await (const heads of this.#scan(this.#keys.anyHead)) if (heads.length > 0) return { status: 'used' }
    return { status: 'empty' }
  }

  async beginRestore(epoch: Epoch): Promise<void> {
    await this.#send(['SET', this.#keys.restoring, epoch])
  }

  async restore(part: ArchivePart): Promise<void> {
    switch (part.type) {
      case 'epoch':
        return await this.#parts.log.replaceEpoch(part.epoch)
      case 'secret':
        return await this.#parts.secrets.replace(part.name, part.bytes)
      case 'room':
        return await this.#restoreRoom(part)
      case 'changes':
        return await this.#restoreChanges(part)
      case 'markers':
        await Promise.all(part.markers.map(({ room, user, seq }) => this.#parts.log.advanceMarker(room, user, seq)))
        return
      case 'writes':
        await Promise.all(part.writes.map((write) => this.#restoreWrite(write)))
    }
  }

  async finishRestore(name: string): Promise<void> {
    await this.#send(['SET', this.#keys.restored, name])
    await this.#send(['DEL', this.#keys.restoring])
  }

  /** The rooms there are, those that one step of a walk through all keys finds at a time. */
  async *rooms(): AsyncGenerator<readonly RoomId[]> {
    for await (const names of this.#scan(this.#keys.anyHead)) yield this.#roomsOf(names, 'head')
  }

  async *#readRoom(room: RoomId): AsyncGenerator<ArchivePart> {
    const { head, messages, posts, changes, log } = this.#keys.room(room)
    const known = await this.#send(['HMGET', head, 'epoch', 'trimmedSeq', 'trimmedTag'])
    const [epoch, trimmedSeq, trimmedTag] = known as readonly (string | null)[]
    const trimmed = { seq: Number(trimmedSeq ?? 0) as Seq, tag: (trimmedTag ?? '') as Tag }
    yield { type: 'room', room, epoch: epoch as Epoch, trimmed }
    for (let after = trimmed.seq; ;) {
      const reply = await this.#run('archive', [messages, posts, changes, log], [String(after), `${BATCH}`, PAGE_BYTES])
      const page = toChanges(reply as ArchiveReply)
      const last = page.at(-1)
      if (!last) return
      yield { type: 'changes', room, changes: page }
      after = last.seq
    }
  }

  async *#readMarkers(room: RoomId): AsyncGenerator<ArchivePart> {
    let cursor = '0'
    do {
      const reply = await this.#send(['HSCAN', this.#keys.room(room).markers, cursor, 'COUNT', SCAN_COUNT])
      const [next, fields] = reply as readonly [string, readonly string[]]
      yield { type: 'markers', markers: toMarkers(room, fields) }
      cursor = next
    } while (cursor !== '0')
  }

  /** Those that are still remembered when they are read. */
  async #readWrites(names: readonly string[]): Promise<KeptWrite[]> {
    const found = await Promise.all(
      names.map(async (name) => {
        const [value, expires] = await Promise.all([this.#send(['GET', name]), this.#send(['PEXPIRETIME', name])])
        return value === null ? [] : [this.#toWrite(name, value as string, Number(expires) - KEY_LIFETIME_MS)]
      }),
    )
    return found.flat()
  }

  #toWrite(name: string, value: string, time: number): KeptWrite {
    const { room, sender, key } = this.#keys.sentOf(name)
    const [seq, tag = '', messageId = '', ...digest] = value.split('\n')
    return {
      room,
      sender,
      key,
      digest: digest.join('\n'),
      seq: Number(seq) as Seq,
      tag: tag as Tag,
      messageId: messageId as MessageId,
      time,
    }
  }

  async #restoreRoom({ room, epoch, trimmed }: Extract<ArchivePart, { type: 'room' }>): Promise<void> {
    // The archive may be newer than what is here, and begin later.
    await this.#parts.log.trim(room, trimmed.seq)
    const args = [epoch, String(trimmed.seq), trimmed.tag]
    if ((await this.#run('restore-room', [this.#keys.head(room)], args)) === 1) return
    throw new RangeError(`room ${room} is there, with another log`)
  }

  async #restoreChanges({ room, changes }: Extract<ArchivePart, { type: 'changes' }>): Promise<void> {
    const keys = this.#keys.room(room)
    const args = changes.flatMap(({ seq, tag, message }) => [
      String(seq),
      tag,
      ...(message ? [message.id, String(message.seq), message.body] : ['', '', '']),
    ])
    const names = [keys.head, keys.messages, keys.posts, keys.changes, keys.log]
    const stranger = await this.#run('restore-changes', names, args)
    if (stranger !== 0)
      throw new RangeError(`room ${room} is there, with another log before change ${String(stranger)}`)
  }

  async #restoreWrite({ room, sender, key, digest, seq, tag, messageId, time }: KeptWrite): Promise<void> {
    const keys = this.#keys.room(room)
    const value = [seq, tag, messageId, digest].join('\n')
    const args = [String(seq), value, String(time + KEY_LIFETIME_MS)]
    await this.#run('restore-write', [keys.head, keys.sent(sender, key)], args)
  }

  async #requireAlone(): Promise<void> {
    const [seconds] = (await this.#send(['TIME'])) as readonly [string, string]
    const alive = await this.#send(['ZRANGE', this.#keys.leases, `${seconds}000`, '+inf', 'BYSCORE'])
    const others = (alive as readonly string[]).filter((process) => process !== this.#parts.process)
    if (others.length === 0) return
    const many = others.length === 1 ? 'another process uses' : `${others.length} other processes use`
    throw new BackendError(
      'in_use',
      `${this.#parts.address}: ${many} this chat: stop every Natter on it (one that was killed is forgotten after 30 s)`,
    )
  }

  /** The rooms whose keys these are. A pattern also finds the key of a write whose sender's id ends like one. */
  #roomsOf(names: readonly string[], kind: 'head' | 'markers'): RoomId[] {
    return names.flatMap((name) => {
      const room = this.#keys.roomOfKey(name)
      return this.#keys.room(room)[kind] === name ? [room] : []
    })
  }

  /** The names of all keys that match a pattern, on every server, some of them at a time. */
  async *#scan(pattern: string): AsyncGenerator<readonly string[]> {
    const client = await this.#parts.connection.run(async (current) => current)
    for (const server of client.servers) {
      let cursor = '0'
      do {
        const command = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]
        const reply = await this.#parts.connection.run((current) => {
          // On other connections the keys may lie otherwise, and some never be come by.
          if (current !== client) throw new Error('Redis was away while the chat was read')
          return server.sendCommand(command)
        })
        const [next, names] = reply as readonly [string, readonly string[]]
        yield names
        cursor = next
      } while (cursor !== '0')
    }
  }

  #run(script: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#parts.connection.run((client) => this.#parts.scripts.run(client, script, keys, args))
  }

  #send(command: readonly string[]): Promise<unknown> {
    return this.#parts.connection.run((client) => client.sendCommand(command))
  }
}

/** Seqs and tags in turn, how many of them are newest changes, and the messages of those, or of the first ones. */
type ArchiveReply = readonly [tags: readonly string[], count: number, rows: readonly string[]]

function toChanges([tags, count, rows]: ArchiveReply): LoggedChange[] {
  const messages = new Map(parseRows(rows).map((message) => [message.rev, toStored(message)]))
  // Where not all messages fitted, what comes after the last one is for the next page.
  const end = messages.size < count ? Math.max(...messages.keys()) : Infinity
  const changes: LoggedChange[] = []
  for (let i = 0; i < tags.length; i += 2) {
    const seq = Number(tags[i]) as Seq
    if (seq > end) return changes
    const message = messages.get(seq)
    changes.push({ seq, tag: tags[i + 1] as Tag, ...(message && { message }) })
  }
  return changes
}

function toMarkers(room: RoomId, fields: readonly string[]): RoomMarker[] {
  const markers: RoomMarker[] = []
  for (let i = 0; i < fields.length; i += 2)
    markers.push({ room, user: fields[i] as UserId, seq: Number(fields[i + 1]) as Seq })
  return markers
}
