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
import type { RedisConnection } from './connection.ts'
import type { RedisKeys, RoomKeys } from './keys.ts'
import type { RedisLineages } from './lineages.ts'
import type { LinkedChange } from './room-event.ts'
import { parseRows, TAG_LENGTH, toStored } from './rows.ts'
import type { RedisScripts, ScriptName } from './scripts.ts'

/** Milliseconds for which the key of a write is remembered. */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000

/** Bytes of stored messages past which a page is certainly full: a UTF-16 unit takes at most three in UTF-8. */
export const PAGE_BYTES = String(3 * MAX_PAGE_UNITS)

/** Changes that one script removes, so that other calls come in between. */
const TRIM_BATCH = 500

type Resumed = {
  readonly status: 'resumed'
  /** As a reader gets them: each message once, with the position of its newest change. */
  readonly changes: readonly Change[]
  readonly position: Position
  readonly head: Position
}
export type LogRead = Resumed | { readonly status: 'reset'; readonly reason: ResetReason }

/** A room's head, and whether its epoch is over because the server may have lost changes. */
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
  readonly #lineages: RedisLineages
  readonly #random: RandomText
  readonly #order = new AppendOrder()

  constructor(
    connection: RedisConnection,
    scripts: RedisScripts,
    keys: RedisKeys,
    lineages: RedisLineages,
    environment: BackendEnvironment,
  ) {
    this.#connection = connection
    this.#scripts = scripts
    this.#keys = keys
    this.#lineages = lineages
    this.#random = new RandomText(environment)
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
      nextEpoch(this.#random),
      String(KEY_LIFETIME_MS),
    ]
    // No message is at rev 0: such an append only asks whether there is one of its key.
    const reply = await this.#order.append(`${room} ${sender}`, rev === 0 ? undefined : mark, (previous) =>
      // A call each time it is sent: while it waits its turn, there is no answer that Redis could owe.
      this.#connection.run((client) => {
        const [lastKey, lastArg] = previous ? [[previous.key], [previous.tag]] : [[], []]
        const all = [...this.#lineages.argumentsFor(client, keys.head), ...args, ...lastArg]
        return this.#scripts.run(client, 'append', [...names, ...lastKey], all) as Promise<Reply>
      }),
    )
    return parseAppended(append, reply)
  }

  /** What changed since a position. */
  async read(room: RoomId, since: Position, limit: number): Promise<LogRead> {
    const reply = (await this.#runBesideLineage('changes', readKeys(this.#keys.room(room)), [
      since.epoch,
      String(since.seq),
      since.tag,
      String(limit),
      PAGE_BYTES,
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
    const args = [side, edge, String(limit), PAGE_BYTES]
    const reply = await this.#runBesideLineage('page', readKeys(this.#keys.room(room)), args)
    if (reply === null) throw new ChatError('message_not_found', `there is no message "${edge}" in this room`)
    const [stands, first, second, third] = reply as readonly [HeadReply, string[], number | string[], string[]]
    const page =
      typeof second === 'number'
        ? toSidedPage(side, toMessages(first), second === 1, limit)
        : toPageAround(toMessages(first), toMessages(second), toMessages(third), limit)
    return { ...page, head: toPosition(...stands) }
  }

  async findMessage(room: RoomId, id: MessageId): Promise<StoredMessage | undefined> {
    const keys = this.#keys.room(room)
    const rows = await this.#run('find', [keys.messages, keys.posts, keys.changes], [id])
    return toMessages(rows as string[])[0]
  }

  async head(room: RoomId): Promise<Position> {
    return (await this.#standing(room)).head
  }

  /** The heads of many rooms at once. */
  async heads(rooms: readonly RoomId[]): Promise<LoggedHead[]> {
    const found = await this.#connection.run(async (client) => {
      const groups = client.groupKeys(rooms.map((room) => this.#keys.head(room)))
      const replies = await Promise.all(
        groups.map((keys) =>
          this.#scripts.run(client, 'heads', keys, this.#lineages.argumentsFor(client, keys[0] ?? '')),
        ),
      )
      const heads = (replies as (readonly LoggedReply[])[]).flat()
      return new Map(groups.flat().map((key, index) => [key, heads[index]]))
    })
    return rooms.map((room) => {
      const [epoch, seq, tag, isVoid] = found.get(this.#keys.head(room)) ?? NOTHING_LOGGED
      return { head: toPosition(epoch, seq, tag), isVoid: isVoid === 1 }
    })
  }

  /** Where a room stands, once its epoch is one that can go on. */
  async openRoom(room: RoomId): Promise<Position> {
    const { head, isVoid } = await this.#standing(room)
    if (!isVoid) return head
    await this.renew(room, head.epoch)
    return this.head(room)
  }

  /** Begins a new epoch in place of one that is over, unless somebody else did. */
  async renew(room: RoomId, over: Epoch): Promise<void> {
    await this.#renew(room, over, false)
  }

  /**
   * For a process that was given a change which the log does not have: begins a new epoch in place of `lost`, and another lineage, since
   * other rooms may lack changes too.
   */
  async reportLoss(room: RoomId, lost: Epoch): Promise<void> {
    await this.#renew(room, lost, true)
  }

  async advanceMarker(room: RoomId, user: UserId, seq: Seq): Promise<Seq> {
    const { head, markers, channel } = this.#keys.room(room)
    return Number(await this.#run('marker', [head, markers], [channel, user, String(seq)])) as Seq
  }

  async marker(room: RoomId, user: UserId): Promise<Seq> {
    return Number(await this.#send(['HGET', this.#keys.room(room).markers, user])) as Seq
  }

  async extent(room: RoomId): Promise<Extent> {
    // In this order: what is trimmed in between lies before the head then.
    const [reply, head] = await Promise.all([
      this.#send(['HMGET', this.#keys.head(room), 'trimmedSeq', 'trimmedTag']),
      this.head(room),
    ])
    const [startSeq, startTag] = reply as readonly (string | null)[]
    return { start: toPosition(head.epoch, startSeq ?? '0', startTag ?? ''), head }
  }

  async countMessages(room: RoomId): Promise<number> {
    return Number(await this.#send(['ZCARD', this.#keys.room(room).posts]))
  }

  async trim(room: RoomId, seq: Seq, epoch?: Epoch): Promise<number> {
    const keys = readKeys(this.#keys.room(room))
    let removed = 0
    for (;;) {
      const reply = await this.#run('trim', keys, [String(seq), String(TRIM_BATCH), epoch ?? ''])
      const [messages, more] = reply as readonly [number, number]
      removed += messages
      if (more === 0) return removed
    }
  }

  /** Resolves once all appends are answered or refused, those included that wait their turn. */
  async drained(): Promise<void> {
    await this.#order.idle()
  }

  /** Resolves if an append would be taken now, by any server. */
  async ping(): Promise<void> {
    await this.#connection.run((client) =>
      Promise.all(client.spread(this.#keys.alive).map((key) => client.sendCommand(['SET', key, '1']))),
    )
  }

  async #standing(room: RoomId): Promise<LoggedHead> {
    const [logged] = await this.heads([room])
    if (!logged) throw new RangeError('the head of a room came without it')
    return logged
  }

  async #renew(room: RoomId, over: Epoch, hasLost: boolean): Promise<void> {
    const { head, channel } = this.#keys.room(room)
    await this.#runBesideLineage('renew', [head], [channel, over, hasLost ? '1' : '0', nextEpoch(this.#random)])
  }

  /** Runs a script that looks whether the server can have lost something. */
  #runBesideLineage(script: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) =>
      this.#scripts.run(client, script, keys, [...this.#lineages.argumentsFor(client, keys[0] ?? ''), ...args]),
    )
  }

  #run(script: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => this.#scripts.run(client, script, keys, args))
  }

  #send(command: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => client.sendCommand(command))
  }
}

/** Epoch, seq and tag. */
type HeadReply = readonly [string, string, string]

/** And 1 where the epoch is over. */
type LoggedReply = readonly [...HeadReply, number]

const NOTHING_LOGGED: LoggedReply = ['', '0', '', 0]

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
