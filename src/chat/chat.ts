import type { Page, StoredMessage } from '../backend/backend.ts'
import { CLOSE } from '../protocol/close.ts'
import { ChatError } from '../protocol/errors.ts'
import type { MessageId, RoomId, UserId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import { Access } from './access.ts'
import { AppEvents } from './app-events.ts'
import type { ChatEventName, ChatEvents } from './app-events.ts'
import { parseAppPost, parseAskedMessage } from './app-posts.ts'
import type { AppPost } from './app-posts.ts'
import { Connection } from './connection.ts'
import { Connections } from './connections.ts'
import type { ChatContext } from './context.ts'
import { Control } from './control.ts'
import { FaultReport } from './fault-report.ts'
import { Follower } from './follower.ts'
import { Guests } from './guests.ts'
import { readHistory, readMessage } from './history.ts'
import type { HistoryQuery } from './history.ts'
import { Identities } from './identities.ts'
import type { Credentials, SessionProbe } from './identity.ts'
import { InFlight } from './in-flight.ts'
import { LogTime } from './log-time.ts'
import type { WriteKind } from './observer.ts'
import type { ChatOptions } from './options.ts'
import type { AskedMessage } from './message-hook.ts'
import { PlainConnection } from './plain-connection.ts'
import { storeReleased, submitPost } from './posting.ts'
import { Pump } from './pump.ts'
import { RandomPool } from './random-pool.ts'
import { Reviews } from './reviews.ts'
import { Rooms } from './rooms.ts'
import type { Speaker } from './speaker.ts'
import type { Peer, Transport } from './transport.ts'
import { TokenVerifier } from './tokens.ts'
import { Trimmer } from './trimmer.ts'
import { Turns } from './turns.ts'
import { checkReply, post as storePost, reportStored, revise } from './writes.ts'
import type { Post, Revision, Stored } from './writes.ts'

const TICK_MS = 1_000

/** Coming back is spread by this much for each connection, since each costs the next server a handshake and a join. */
const SPREAD_MS_PER_CONNECTION = 5
const MIN_SPREAD_MS = 500

/** Milliseconds that the log gets to answer the writes it was asked for, when the chat closes. Whoever got no ack sends the write again. */
const FINISHING_MS = 3_000

/** Milliseconds that peers then get to answer a close. */
const CLOSING_MS = 3_000

/** Where the app's own posts come from, for logs. */
const THE_APP: Peer = { connectionId: 'app', address: 'app' }

/** One peer's connection, as the transport drives it. Never throws. */
export interface ConnectionHandle {
  /** One text frame arrived. */
  receive(frame: string): void
  /** A sign of life arrived that is not a frame: a pong. */
  heard(): void
  /** The transport takes frames again. */
  drained(): void
  /** One side has begun to close: nothing may be written any more. */
  closing(): void
  /** The connection is gone; `code` 1006 where no close frame came. Call it exactly once. */
  closed(code: number, reason: string): void
}

export interface ChatStats {
  readonly connections: number
  readonly rooms: number
  /** Readers whose transport is full and that have frames waiting. */
  readonly laggingReaders: number
  /** Bytes of memory that hold frames and pages for readers which have yet to get them, or may come for them. */
  readonly frameBytes: number
}

/** Rooms, members, and who may do what: everything about a chat but the sockets it comes by and the store it is kept in. */
export class Chat {
  readonly #context: ChatContext
  readonly #connections: Connections
  readonly #stopTicking: () => void
  readonly #trimmer: Trimmer | undefined
  #isClosing = false

  constructor(options: ChatOptions) {
    const random = new RandomPool(options.environment)
    const faults = new FaultReport(options.onError, options.environment)
    const identities = createIdentities(options, random, faults)
    const rooms = new Rooms(() => this.#context)
    const access = new Access(options, rooms)
    this.#connections = new Connections(options)
    const control = new Control(options, access, this.#connections, random)
    const identify = options.identify ?? ((credentials: Credentials) => identities.identify(credentials))
    this.#context = {
      options,
      random,
      pump: new Pump(options.environment, options.observer),
      rooms,
      access,
      reviews: new Reviews(options, access),
      control,
      events: new AppEvents(options.onError),
      inFlight: new InFlight(),
      revisions: new Turns(),
      connections: this.#connections,
      faults,
      full: new Set(),
      identify: (credentials) => control.identify(() => identify(credentials)),
    }
    this.#stopTicking = this.#tickEverySecond()
    const { retention } = options
    this.#trimmer = retention && new Trimmer({ ...options, retention, faults })
  }

  /** A connection that speaks `natter.v1` opened. `session`: whose it is, to the app; asked when it says hello, and then let go of. */
  open(transport: Transport, peer: Peer, session?: SessionProbe | 'foreign'): ConnectionHandle {
    return this.#add(new Connection(this.#context, transport, peer, session))
  }

  /** A connection that speaks the plain dialect opened. */
  openPlain(transport: Transport, peer: Peer): ConnectionHandle {
    return this.#add(new PlainConnection(this.#context, transport, peer))
  }

  /**
   * Someone who may read a room opened a stream of it, from a position or from its end. Nothing is written before that is sure.
   *
   * @throws {ChatError} `room_not_found`, `unauthorized`, `unavailable` or `conflict`
   */
  async follow(
    transport: Transport,
    peer: Peer,
    speaker: Speaker,
    room: RoomId,
    since: Position | undefined,
  ): Promise<ConnectionHandle> {
    if (this.#isClosing) throw closing()
    const follower = new Follower(this.#context, transport, peer, speaker, room)
    await this.#context.control.during(speaker, () => follower.start(since, () => this.#add(follower)))
    return follower
  }

  /**
   * A page of history for whoever may read it.
   *
   * @throws {ChatError} as `PROTOCOL.md` says of `history`
   */
  history(speaker: Speaker, query: HistoryQuery): Promise<Page> {
    return readHistory(this.#context, speaker, query)
  }

  /**
   * One message for whoever may read the room.
   *
   * @throws {ChatError} `room_not_found`, `message_not_found` or `unavailable`
   */
  message(speaker: Speaker, room: RoomId, id: MessageId): Promise<StoredMessage> {
    return readMessage(this.#context, speaker, room, id)
  }

  /**
   * Stores a post that came by another way than a connection, for whoever may.
   *
   * @throws {ChatError} as `PROTOCOL.md` says of `post`
   */
  async submit(speaker: Speaker, peer: Peer, post: Post): Promise<Stored> {
    return this.#store(peer, 'post', post.room, () =>
      this.#context.control.during(speaker, () => submitPost(this.#context, speaker, post)),
    )
  }

  /**
   * Edits, deletes or reacts to a message, asked by another way than a connection, for whoever may.
   *
   * @throws {ChatError} as `PROTOCOL.md` says of the command
   */
  async revise(speaker: Speaker, peer: Peer, revision: Revision): Promise<Stored> {
    return this.#store(peer, revision.type, revision.room, () =>
      this.#context.control.during(speaker, () => revise(this.#context, speaker, revision)),
    )
  }

  /** Reports what is none of the client's doing, and makes of it what the client may know. */
  refusalOf(peer: Peer, error: unknown): ChatError {
    const { faults } = this.#context
    const isStopping = this.#isClosing && error instanceof ChatError
    const refusal = isStopping ? error : faults.refusalOf(error, { stage: 'answering a request' })
    this.#context.options.observer.onRefuse(peer, refusal.code, refusal.message)
    return refusal
  }

  /**
   * Who makes a request that no connection carries.
   *
   * @throws {ChatError} `unauthorized`; `unavailable` where it cannot be told now; `bad_command` where a guest's name will not do.
   */
  identify(credentials: Credentials): Promise<Speaker> {
    return this.#context.identify(credentials)
  }

  /**
   * Stores what the app says. It decides what may be said itself: nobody is asked.
   *
   * @throws {ChatError} `room_not_found` where the operator named the rooms and this is none, and as `PROTOCOL.md` says of `post`
   * @throws {TypeError} that names what of the post will not do
   */
  async say(post: AppPost): Promise<Stored> {
    const { author, asked } = parseAppPost(post, this.#context.random)
    return this.#store(THE_APP, 'post', asked.room, async () => {
      const time = new LogTime(this.#context.options.environment)
      await checkReply(this.#context, asked, time)
      return storePost(this.#context, author, asked, asked.text, time)
    })
  }

  /**
   * Stores a message that was held, with another text where one is given. Nobody is asked about it again.
   *
   * @throws {ChatError} as `PROTOCOL.md` says of `post` and `edit`
   * @throws {TypeError} where it is no such message
   */
  async release(held: AskedMessage, text: string = held.text): Promise<Stored> {
    const message = parseAskedMessage(held)
    return this.#store(THE_APP, message.kind, message.room, () => storeReleased(this.#context, message, text))
  }

  /** Tells `listener` from now on. Returns what ends that. */
  on<Name extends ChatEventName>(name: Name, listener: ChatEvents[Name]): () => void {
    return this.#context.events.on(name, listener)
  }

  /** The app's mind about what `user` may do may have changed. See {@link Control.revalidate}. */
  revalidate(user: UserId): Promise<void> {
    return this.#context.control.revalidate(user)
  }

  /** What the app knows about `user` has changed, perhaps that it knows them. See {@link Control.disconnect}. */
  disconnect(user: UserId): Promise<void> {
    return this.#context.control.disconnect(user)
  }

  /** For gauges: read when metrics are scraped. */
  stats(): ChatStats {
    return {
      connections: this.#connections.size,
      rooms: this.#context.rooms.size,
      laggingReaders: this.#context.full.size,
      frameBytes: this.#context.pump.budget.bytes,
    }
  }

  /**
   * Takes no more commands, lets the writes under way finish and their acks go out, tells everyone when to come back, spread over at
   * most `spreadMs` (8 s by default), and closes the connections. Resolves once all are closed, and does not wait long for a log or a
   * peer that does not answer. The backend stays open: it is whoever's made it.
   */
  async close({ spreadMs = 8_000 }: { readonly spreadMs?: number } = {}): Promise<void> {
    const { control, inFlight, pump, rooms, options } = this.#context
    this.#isClosing = true
    this.#stopTicking()
    control.close()
    for (const connection of this.#connections) connection.stopReading()
    await this.#settledWithin(FINISHING_MS, Promise.all([inFlight.idle(), this.#trimmer?.close()]))
    pump.drain()
    const spread = Math.min(spreadMs, Math.max(MIN_SPREAD_MS, this.#connections.size * SPREAD_MS_PER_CONNECTION))
    for (const connection of this.#connections) {
      connection.sendGoodbye(Math.floor((options.environment.randomBytes(1)[0]! / 256) * spread))
      connection.end(CLOSE.restarting)
    }
    await this.#settledWithin(CLOSING_MS, this.#connections.empty())
    rooms.close()
  }

  async #store(peer: Peer, kind: WriteKind, room: RoomId, store: () => Promise<Stored>): Promise<Stored> {
    if (this.#isClosing) throw closing()
    const { inFlight, options, pump } = this.#context
    const since = options.environment.monotonicNow()
    const stored = await inFlight.track(store())
    reportStored(this.#context, peer, kind, room, stored, options.environment.monotonicNow() - since)
    // Whoever asked finds it told of, with all that came before.
    pump.runWaiting()
    return stored
  }

  async #settledWithin(ms: number, work: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const stop = this.#context.options.environment.setTimer(resolve, ms)
    await Promise.race([work, late])
    stop()
  }

  #add(connection: Connection | PlainConnection | Follower): ConnectionHandle {
    this.#connections.add(connection)
    if (this.#isClosing) connection.end(CLOSE.restarting)
    return connection
  }

  #tickEverySecond(): () => void {
    const { environment, slowReaderMs } = this.#context.options
    let stop: () => void
    const tick = (): void => {
      stop = environment.setTimer(tick, TICK_MS)
      this.#connections.tick()
      if (slowReaderMs > 0) this.#endSlowReaders(environment.monotonicNow() - slowReaderMs)
      this.#context.rooms.sweep()
    }
    stop = environment.setTimer(tick, TICK_MS)
    return () => stop()
  }

  #endSlowReaders(fullSince: number): void {
    for (const link of this.#context.full) if (link.fullSince <= fullSince) link.end(CLOSE.tooSlow)
  }
}

function closing(): ChatError {
  return new ChatError('unavailable', 'the server is stopping; try again', { retryAfterMs: CLOSING_MS })
}

function createIdentities(options: ChatOptions, random: RandomPool, faults: FaultReport): Identities {
  const { backend, environment, limits, tokens, allowGuests, authenticateTimeoutMs } = options
  return new Identities({
    environment,
    faults,
    guests: allowGuests ? new Guests(backend, random, limits.nameCodePoints) : undefined,
    tokens: tokens && new TokenVerifier(tokens, environment),
    authenticateTimeoutMs,
  })
}
