import * as z from 'zod'
import type { BroadcastListener } from '../backend/backend.ts'
import { CLOSE } from '../protocol/close.ts'
import { ChatError } from '../protocol/errors.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import type { Action } from './access-policy.ts'
import type { Access } from './access.ts'
import type { Connections, KeptConnection } from './connections.ts'
import type { Identity } from './identity.ts'
import type { ChatOptions } from './options.ts'
import type { RandomPool } from './random-pool.ts'
import type { RoomReader } from './reader.ts'
import { Speaker } from './speaker.ts'

/** Milliseconds for which it is known that a user was disconnected: longer than anybody takes to say who they are. What the app takes to answer comes on top. */
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
  readonly #rememberedMs: number
  /** Who asks for something that no connection of theirs carries, or none yet. */
  readonly #asking = new Set<Speaker>()

  constructor(options: ChatOptions, access: Access, connections: Connections, random: RandomPool) {
    this.#options = options
    this.#access = access
    this.#connections = connections
    this.#name = random.text(16)
    this.#rememberedMs = REMEMBERED_MS + options.access.timeoutMs + (options.hook?.timeoutMs ?? 0)
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
   * Who speaks. Whoever goes on to let them in is to check them right before it.
   *
   * @throws {ChatError} `unauthorized` where they were disconnected while that was found out: it may be older than the reason
   */
  async identify(ask: () => Promise<Identity>): Promise<Speaker> {
    const before = this.#disconnections
    const speaker = new Speaker(await ask(), before)
    this.checkConnected(speaker)
    return speaker
  }

  /** @throws {ChatError} `unauthorized` where the user was disconnected since it was asked who they are */
  checkConnected({ user, disconnections }: Speaker): void {
    if ((this.#disconnected.get(user.id)?.order ?? 0) > disconnections)
      throw new ChatError('unauthorized', 'this user was disconnected; say anew who you are')
  }

  /**
   * Whether a speaker still may, after something was waited for.
   *
   * @throws {ChatError} as {@link Access.check} does, and `unauthorized` where they were disconnected
   */
  async confirm(speaker: Speaker, action: Action, room: RoomId): Promise<void> {
    await this.#access.check(speaker, action, room)
    this.checkConnected(speaker)
  }

  /** Does something for a speaker that no connection carries, so that a change of their access reaches it. */
  async during<T>(speaker: Speaker, work: () => Promise<T>): Promise<T> {
    this.#asking.add(speaker)
    try {
      return await work()
    } finally {
      this.#asking.delete(speaker)
    }
  }

  /** Asks the app again about all that a connection reads. */
  async recheck({ speaker, reading }: KeptConnection): Promise<void> {
    if (!speaker || !this.#access.asksApp) return
    speaker.forget()
    await Promise.all(reading.map((reader) => this.#revalidateReader(speaker, reader)))
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
    if (type === 'revalidate') {
      for (const speaker of this.#asking) if (speaker.user.id === user) speaker.forget()
      await Promise.all(theirs.map((connection) => this.recheck(connection)))
    } else {
      this.#rememberDisconnected(user)
      for (const connection of theirs) connection.end(CLOSE.unauthorized)
    }
  }

  async #revalidateAll(): Promise<void> {
    for (const speaker of this.#asking) speaker.forget()
    const all = [...this.#connections]
    for (let i = 0; i < all.length; i += ASKED_AT_A_TIME)
      await Promise.all(all.slice(i, i + ASKED_AT_A_TIME).map((connection) => this.recheck(connection)))
  }

  /** Nothing reaches a reader while the app is asked. One that has not begun yet asks by itself before it does. */
  async #revalidateReader(speaker: Speaker, reader: RoomReader): Promise<void> {
    const { position, room } = reader
    if (!position) return
    const ticket = reader.holdBack('asking', position)
    try {
      await this.#access.check(speaker, 'read', room.id)
      if (reader.isHeld(ticket)) room.catchUp(reader, position)
    } catch {
      if (!reader.isGone) reader.owner.onRemoved(reader)
    }
  }

  #rememberDisconnected(user: UserId): void {
    const at = this.#options.environment.monotonicNow()
    this.#disconnected.delete(user)
    this.#disconnected.set(user, { at, order: ++this.#disconnections })
    for (const [earliest, known] of this.#disconnected) {
      if (at - known.at < this.#rememberedMs) return
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
