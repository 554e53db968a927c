import * as z from 'zod'
import type { BroadcastListener } from '../backend/backend.ts'
import { CLOSE } from '../protocol/close.ts'
import { ChatError } from '../protocol/errors.ts'
import type { UserId } from '../protocol/ids.ts'
import type { Access } from './access.ts'
import type { Connections, KeptConnection } from './connections.ts'
import type { Identity } from './identity.ts'
import type { ChatOptions } from './options.ts'
import type { RandomPool } from './random-pool.ts'
import type { RoomReader } from './reader.ts'
import type { Speaker } from './speaker.ts'

/** Milliseconds for which it is known that a user was disconnected: longer than anybody takes to say who they are. */
const REMEMBERED_MS = 60_000

/** Connections asked about at a time, when all are: the app's database has other things to do. */
const ASKED_AT_A_TIME = 64

/** What one process says to all that share the chat. Those of another version may say more. */
const order = z.object({
  from: z.string(),
  type: z.enum(['revalidate', 'disconnect']),
  user: z.string() as unknown as z.ZodType<UserId>,
})
type Order = z.infer<typeof order>

/** Ends what users may no longer do, on all processes. */
export class Control implements BroadcastListener {
  readonly #options: ChatOptions
  readonly #access: Access
  readonly #connections: Connections
  /** Tells this chat's own orders from those of others. */
  readonly #name: string
  readonly #stopListening: () => void
  readonly #disconnected = new Map<UserId, { readonly at: number; readonly order: number }>()
  #disconnections = 0

  constructor(options: ChatOptions, access: Access, connections: Connections, random: RandomPool) {
    this.#options = options
    this.#access = access
    this.#connections = connections
    this.#name = random.text(16)
    this.#stopListening = options.backend.listen(this)
  }

  /**
   * Asks the app again about everything that a user reads. Resolves once that is done here, and the others know.
   *
   * @throws {ChatError} `unavailable` where the others could not be told
   */
  async revalidate(user: UserId): Promise<void> {
    await Promise.all([this.#carryOut('revalidate', user), this.#tellOthers('revalidate', user)])
  }

  /**
   * Ends a user's connections: who comes back has to say anew who they are.
   *
   * @throws {ChatError} `unavailable` where the others could not be told
   */
  async disconnect(user: UserId): Promise<void> {
    await Promise.all([this.#carryOut('disconnect', user), this.#tellOthers('disconnect', user)])
  }

  /**
   * Who somebody is, unless they were disconnected while that was found out: it may be older than the reason.
   *
   * @throws {ChatError} `unauthorized`
   */
  async confirm(identifying: Promise<Identity>): Promise<Identity> {
    const before = this.#disconnections
    const identity = await identifying
    if ((this.#disconnected.get(identity.user.id)?.order ?? 0) > before)
      throw new ChatError('unauthorized', 'this user was disconnected; say anew who you are')
    return identity
  }

  onBroadcast(payload: string): void {
    const heard = parseOrder(payload)
    if (heard && heard.from !== this.#name) void this.#carryOut(heard.type, heard.user)
  }

  onDeaf(): void {
    void this.#revalidateAll()
  }

  close(): void {
    this.#stopListening()
  }

  #tellOthers(type: Order['type'], user: UserId): Promise<void> {
    return this.#options.backend.broadcast(JSON.stringify({ from: this.#name, type, user } satisfies Order))
  }

  async #carryOut(type: Order['type'], user: UserId): Promise<void> {
    const theirs = [...this.#connections].filter(({ speaker }) => speaker?.user.id === user)
    if (type === 'revalidate') await Promise.all(theirs.map((connection) => this.#revalidate(connection)))
    else {
      this.#rememberDisconnected(user)
      for (const connection of theirs) connection.end(CLOSE.unauthorized)
    }
  }

  async #revalidateAll(): Promise<void> {
    const all = [...this.#connections]
    for (let i = 0; i < all.length; i += ASKED_AT_A_TIME)
      await Promise.all(all.slice(i, i + ASKED_AT_A_TIME).map((connection) => this.#revalidate(connection)))
  }

  async #revalidate({ speaker, reading }: KeptConnection): Promise<void> {
    if (!speaker || !this.#access.asksApp) return
    speaker.forget()
    await Promise.all(reading.map((reader) => this.#revalidateReader(speaker, reader)))
  }

  /** Nothing reaches a reader while the app is asked. One that has not begun yet asks by itself before it does. */
  async #revalidateReader(speaker: Speaker, reader: RoomReader): Promise<void> {
    const { position, room } = reader
    if (!position) return
    const ticket = reader.holdBack(position)
    try {
      await this.#access.check(speaker, 'read', room.id)
      if (reader.isReading(ticket)) room.catchUp(reader, position)
    } catch {
      if (!reader.isGone) reader.owner.onRemoved(reader)
    }
  }

  #rememberDisconnected(user: UserId): void {
    const at = this.#options.environment.monotonicNow()
    this.#disconnected.delete(user)
    this.#disconnected.set(user, { at, order: ++this.#disconnections })
    for (const [earliest, known] of this.#disconnected) {
      if (at - known.at < REMEMBERED_MS) return
      this.#disconnected.delete(earliest)
    }
  }
}

/** Undefined for what another version may say. */
function parseOrder(payload: string): Order | undefined {
  try {
    return order.safeParse(JSON.parse(payload)).data
  } catch {
    return undefined
  }
}
