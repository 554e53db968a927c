import { ChatError } from '../../protocol/errors.ts'
import type { ResetReason } from '../../protocol/events.ts'
import type { Epoch, MessageId, RoomId, Seq, Tag, UserId } from '../../protocol/ids.ts'
import { MAX_PAGE_UNITS } from '../../protocol/limits.ts'
import type { Position } from '../../protocol/message.ts'
import type {
  Append,
  Appended,
  BackendEnvironment,
  Change,
  Extent,
  Page,
  PageQuery,
  StoredMessage,
} from '../backend.ts'
import { nextEpoch } from '../epoch.ts'
import { RandomText } from '../random-text.ts'
import { takePage, takePageAround } from '../take-page.ts'
import { AppendOrder } from './append-order.ts'
import type { Reply } from './append-order.ts'
import { findOrSet } from './client.ts'
import type { RedisClient } from './client.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys, RoomKeys } from './keys.ts'
import type { LinkedChange } from './room-event.ts'
import { parseRows, TAG_LENGTH, toStored } from './rows.ts'
import type { RedisScripts, ScriptName } from './scripts.ts'

/** Milliseconds for which the key of a write is remembered. */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000

/** Bytes of stored messages past which a page is certainly full: a UTF-16 unit takes at most three in UTF-8. */
export const PAGE_BYTES = String(3 * MAX_PAGE_UNITS)

/** Changes that one script removes, so that other calls come in between. */
const TRIM_BATCH = 500

const NONE = { seq: 0 as Seq, tag: '' as Tag }

type Resumed = {
  readonly status: 'resumed'
  /** As a reader gets them: each message once, with the position of its newest change. */
  readonly changes: readonly Change[]
  readonly position: Position
  readonly head: Position
}
export type LogRead = Resumed | { readonly status: 'reset'; readonly reason: ResetReason }

/** A room's head, and whether its epoch is over because the server's history is another. */
export interface LoggedHead {
  readonly head: Position
  readonly isVoid: boolean
}

export interface Written {
  readonly answer: Appended
  /** Absent where nothing changed. */
  readonly change?: LinkedChange
}

/** The log in Redis: what is written to it and read from it. Who listens, it does not know. */
export class RedisLog {
  readonly #connection: RedisConnection
  readonly #scripts: RedisScripts
  readonly #keys: RedisKeys
  readonly #random: RandomText
  readonly #order = new AppendOrder()
  #firstEpoch: Epoch = '' as Epoch

  constructor(connection: RedisConnection, scripts: RedisScripts, keys: RedisKeys, environment: BackendEnvironment) {
    this.#connection = connection
    this.#scripts = scripts
    this.#keys = keys
    this.#random = new RandomText(environment)
  }

  /** What rooms get that nobody has written to. */
  get firstEpoch(): Epoch {
    return this.#firstEpoch
  }

  async replaceEpoch(epoch: Epoch): Promise<void> {
    await this.#send(['SET', this.#keys.epoch, epoch])
    this.#firstEpoch = epoch
  }

  /** Learns the epoch of new rooms, or gives them one. It is another when the server has lost everything. */
  async learnEpoch(client: RedisClient): Promise<void> {
    this.#firstEpoch = (await findOrSet(client, this.#keys.epoch, nextEpoch(this.#random))) as Epoch
  }

  async append(append: Append): Promise<Written> {
    const { room, sender, key, messageId, body, digest, rev } = append
    const keys = this.#keys.room(room)
    const mark = { key: keys.sent(sender, key), tag: this.#random.next(TAG_LENGTH) }
    const names = [keys.head, keys.messages, keys.posts, keys.changes, keys.log, mark.key]
    const args = [
      keys.channel,
      messageId,
      body,
      digest,
      mark.tag,
      rev === undefined ? '' : String(rev),
      this.#firstEpoch,
      nextEpoch(this.#random),
      String(KEY_LIFETIME_MS),
    ]
    const reply = await this.#connection.run((client) =>
      // No message is at rev 0: such an append only asks whether there is one of its key.
      this.#order.append(`${room} ${sender}`, rev === 0 ? undefined : mark, (previous) => {
        const [lastKey, lastArg] = previous ? [[previous.key], [previous.tag]] : [[], []]
        return this.#scripts.run(client, 'append', [...names, ...lastKey], [...args, ...lastArg]) as Promise<Reply>
      }),
    )
    return parseAppended(append, reply)
  }

  /** What changed since a position. */
  async read(room: RoomId, since: Position, limit: number): Promise<LogRead> {
    const reply = (await this.#run('changes', readKeys(this.#keys.room(room)), [
      since.epoch,
      String(since.seq),
      since.tag,
      String(limit),
      PAGE_BYTES,
      this.#firstEpoch,
    ])) as readonly [string, string, string, string, readonly string[]]
    const [status, epoch, seq, tag, rows] = reply
    if (status === 'reset') return { status, reason: epoch as ResetReason }
    const head = toPosition(epoch, seq, tag)
    const candidates = parseRows(rows)
    const { messages, more } = takePage(candidates, limit)
    const changes = candidates.slice(0, messages.length).map((message) => ({
      position: { epoch: head.epoch, seq: message.rev, tag: message.tag },
      message: toStored(message),
    }))
    return { status: 'resumed', changes, position: (more && changes.at(-1)?.position) || head, head }
  }

  /** @throws {ChatError} `message_not_found` */
  async readPage(room: RoomId, query: PageQuery): Promise<Page> {
    const { before, after, around, limit }: PageEdges = query
    const side = around === undefined ? (after === undefined ? 'before' : 'after') : 'around'
    const edge = String(around ?? after ?? before ?? '+inf')
    const reply = await this.#run('page', readKeys(this.#keys.room(room)), [side, edge, String(limit), PAGE_BYTES])
    if (reply === null) throw new ChatError('message_not_found', `there is no message "${edge}" in this room`)
    const [stands, first, second, third] = reply as readonly [HeadReply, string[], number | string[], string[]]
    const page =
      typeof second === 'number'
        ? toSidedPage(side, toMessages(first), second === 1, limit)
        : toPageAround(toMessages(first), toMessages(second), toMessages(third), limit)
    return { ...page, head: this.#toHead(stands) }
  }

  async findMessage(room: RoomId, id: MessageId): Promise<StoredMessage | undefined> {
    const keys = this.#keys.room(room)
    const rows = await this.#run('find', [keys.messages, keys.posts, keys.changes], [id])
    return toMessages(rows as string[])[0]
  }

  async head(room: RoomId): Promise<Position> {
    const reply = await this.#send(['HMGET', this.#keys.head(room), 'epoch', 'seq', 'tag'])
    return this.#toHead(reply as HeadReply)
  }

  /** The heads of many rooms at once. Also notices where the server has lost everything. */
  async heads(rooms: readonly RoomId[]): Promise<LoggedHead[]> {
    const found = await this.#connection.run(async (client) => {
      const groups = client.groupKeys(rooms.map((room) => this.#keys.head(room)))
      const [, ...replies] = await Promise.all([
        this.learnEpoch(client),
        ...groups.map((keys) => this.#scripts.run(client, 'heads', keys, [])),
      ])
      const heads = (replies as (readonly LoggedReply[])[]).flat()
      return new Map(groups.flat().map((key, index) => [key, heads[index]]))
    })
    return rooms.map((room) => {
      const [epoch, seq, tag, isVoid] = found.get(this.#keys.head(room)) ?? [null, null, null, 0]
      return { head: this.#toHead([epoch, seq, tag]), isVoid: isVoid === 1 }
    })
  }

  /** Where a room stands, once its epoch is one that can go on. */
  async openRoom(room: RoomId): Promise<Position> {
    const [logged] = await this.heads([room])
    if (logged && !logged.isVoid) return logged.head
    if (logged) await this.renew(room, logged.head.epoch)
    return this.head(room)
  }

  /** Begins a new epoch in place of `lost`, unless that is over already. */
  async renew(room: RoomId, lost: Epoch): Promise<void> {
    const { head, channel } = this.#keys.room(room)
    await this.#run('renew', [head], [channel, lost, nextEpoch(this.#random)])
  }

  async advanceMarker(room: RoomId, user: UserId, seq: Seq): Promise<Seq> {
    const { head, markers, channel } = this.#keys.room(room)
    return Number(await this.#run('marker', [head, markers], [channel, user, String(seq)])) as Seq
  }

  async marker(room: RoomId, user: UserId): Promise<Seq> {
    return Number(await this.#send(['HGET', this.#keys.room(room).markers, user])) as Seq
  }

  async extent(room: RoomId): Promise<Extent> {
    const fields = ['epoch', 'seq', 'tag', 'trimmedSeq', 'trimmedTag']
    const reply = await this.#send(['HMGET', this.#keys.head(room), ...fields])
    const [epoch, seq, tag, startSeq, startTag] = reply as readonly (string | null)[]
    const head = this.#toHead([epoch ?? null, seq ?? null, tag ?? null])
    return { start: toPosition(head.epoch, startSeq ?? '0', startTag ?? ''), head }
  }

  async countMessages(room: RoomId): Promise<number> {
    return Number(await this.#send(['ZCARD', this.#keys.room(room).posts]))
  }

  async trim(room: RoomId, seq: Seq): Promise<number> {
    const keys = readKeys(this.#keys.room(room))
    let removed = 0
    for (;;) {
      const reply = await this.#run('trim', keys, [String(seq), String(TRIM_BATCH)])
      const [messages, more] = reply as readonly [number, number]
      removed += messages
      if (more === 0) return removed
    }
  }

  /** Resolves if an append would be taken now, by any server. */
  async ping(): Promise<void> {
    await this.#connection.run((client) =>
      Promise.all(client.spread(this.#keys.alive).map((key) => client.sendCommand(['SET', key, '1']))),
    )
  }

  #run(script: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => this.#scripts.run(client, script, keys, args))
  }

  #send(command: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => client.sendCommand(command))
  }

  #toHead([epoch, seq, tag]: HeadReply): Position {
    return epoch === null ? { epoch: this.#firstEpoch, ...NONE } : toPosition(epoch, seq ?? '0', tag ?? '')
  }
}

/** Epoch, seq and tag; null where a room has none yet. */
type HeadReply = readonly [string | null, string | null, string | null]

/** And 1 where the epoch is over. */
type LoggedReply = readonly [...HeadReply, number]

/** {@link PageQuery} with its edges side by side. */
interface PageEdges {
  readonly limit: number
  readonly before?: Seq | undefined
  readonly after?: Seq | undefined
  readonly around?: MessageId | undefined
}

function readKeys({ head, messages, posts, changes, log }: RoomKeys): string[] {
  return [head, messages, posts, changes, log]
}

function parseAppended({ messageId: id, digest, body }: Append, reply: readonly string[]): Written {
  const [status, epoch = '', ...rest] = reply
  if (status === 'conflict') return { answer: { status } }
  if (status === 'sent') return { answer: parseSent(rest[0] ?? '', epoch, digest) }
  const [seq = '', tag = '', post, before = ''] = rest
  const position = toPosition(epoch, seq, tag)
  return {
    answer: { status: 'appended', position, messageId: id, duplicate: false },
    change: {
      change: { position, message: { id, seq: Number(post) as Seq, rev: position.seq, body } },
      before: before as Tag,
    },
  }
}

/** Seq, tag, message id and digest, a line each; the digest may have more. */
function parseSent(sent: string, epoch: string, digest: string): Appended {
  const [seq = '', tag = '', messageId = '', ...lines] = sent.split('\n')
  if (lines.join('\n') !== digest) return { status: 'key_reused' }
  return {
    status: 'appended',
    position: toPosition(epoch, seq, tag),
    messageId: messageId as MessageId,
    duplicate: true,
  }
}

function toPosition(epoch: string, seq: string, tag: string): Position {
  return { epoch: epoch as Epoch, seq: Number(seq) as Seq, tag: tag as Tag }
}

function toMessages(rows: readonly string[]): StoredMessage[] {
  return parseRows(rows).map(toStored)
}

function toSidedPage(side: string, candidates: StoredMessage[], hasBeyond: boolean, limit: number): Omit<Page, 'head'> {
  const { messages, more } = takePage(candidates, limit)
  if (side === 'after') return { messages, hasOlder: hasBeyond, hasNewer: more }
  return { messages: messages.toReversed(), hasOlder: more, hasNewer: hasBeyond }
}

function toPageAround(
  [centre]: StoredMessage[],
  older: StoredMessage[],
  newer: StoredMessage[],
  limit: number,
): Omit<Page, 'head'> {
  if (!centre) throw new RangeError('a page around a message came without it')
  return takePageAround(centre, older, newer, limit)
}
