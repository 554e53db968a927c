import type { Epoch, MessageId, RoomId, Seq, Tag, UserId } from '../../protocol/ids.ts'
import type { ArchivePart, KeptWrite, LoggedChange, RoomMarker } from '../archive.ts'
import type { RedisKeys } from './keys.ts'
import { KEY_LIFETIME_MS, PAGE_BYTES } from './log.ts'
import { parseRows, toStored } from './rows.ts'
import type { RedisScripts } from './scripts.ts'
import { SCAN_COUNT } from './steady-connection.ts'
import type { SteadyConnection } from './steady-connection.ts'

/** Changes in one part. */
const BATCH = 128

/** Reads a whole chat, over one connection: the rooms, markers and writes are found by walking through all keys. */
export class ChatReader {
  readonly #connection: SteadyConnection
  readonly #scripts: RedisScripts
  readonly #keys: RedisKeys

  constructor(connection: SteadyConnection, scripts: RedisScripts, keys: RedisKeys) {
    this.#connection = connection
    this.#scripts = scripts
    this.#keys = keys
  }

  /** Some of the pieces may come twice. */
  async *read(): AsyncGenerator<ArchivePart> {
    for await (const names of this.#connection.scan(this.#keys.anySecret)) {
      for (const key of names) yield* this.#readSecret(key)
    }
    for await (const rooms of this.rooms()) for (const room of rooms) yield* this.#readRoom(room)
    for await (const names of this.#connection.scan(this.#keys.anyMarkers)) {
      for (const room of this.#roomsOf(names, 'markers')) yield* this.#readMarkers(room)
    }
    for await (const names of this.#connection.scan(this.#keys.anySent)) {
      yield { type: 'writes', writes: await this.#readWrites(names) }
    }
  }

  /** The rooms there are, those that one step of a walk through all keys finds at a time. */
  async *rooms(): AsyncGenerator<readonly RoomId[]> {
    for await (const names of this.#connection.scan(this.#keys.anyHead)) yield this.#roomsOf(names, 'head')
  }

  async *#readSecret(key: string): AsyncGenerator<ArchivePart> {
    const secret = await this.#connection.send(['GET', key])
    if (secret === null) return
    const bytes = Uint8Array.from(Buffer.from(secret as string, 'base64url'))
    yield { type: 'secret', name: this.#keys.secretOf(key), bytes }
  }

  async *#readRoom(room: RoomId): AsyncGenerator<ArchivePart> {
    const { head, messages, posts, changes, log } = this.#keys.room(room)
    const known = await this.#connection.send(['HMGET', head, 'epoch', 'trimmedSeq', 'trimmedTag'])
    const [epoch, trimmedSeq, trimmedTag] = known as readonly (string | null)[]
    const trimmed = { seq: Number(trimmedSeq ?? 0) as Seq, tag: (trimmedTag ?? '') as Tag }
    yield { type: 'room', room, epoch: epoch as Epoch, trimmed }
    for (let after = trimmed.seq; ;) {
      const [keys, args] = [
        [messages, posts, changes, log],
        [String(after), `${BATCH}`, PAGE_BYTES],
      ]
      const reply = await this.#connection.run((client) => this.#scripts.run(client, 'archive', keys, args))
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
      const reply = await this.#connection.send(['HSCAN', this.#keys.room(room).markers, cursor, 'COUNT', SCAN_COUNT])
      const [next, fields] = reply as readonly [string, readonly string[]]
      yield { type: 'markers', markers: toMarkers(room, fields) }
      cursor = next
    } while (cursor !== '0')
  }

  /** Those that are still remembered when they are read. */
  async #readWrites(names: readonly string[]): Promise<KeptWrite[]> {
    const found = await Promise.all(
      names.map(async (name) => {
        const [value, expires] = await Promise.all([
          this.#connection.send(['GET', name]),
          this.#connection.send(['PEXPIRETIME', name]),
        ])
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

  /** The rooms whose keys these are. A pattern also finds the key of a write whose sender's id ends like one. */
  #roomsOf(names: readonly string[], kind: 'head' | 'markers'): RoomId[] {
    return names.flatMap((name) => {
      const room = this.#keys.roomOfKey(name)
      return this.#keys.room(room)[kind] === name ? [room] : []
    })
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
