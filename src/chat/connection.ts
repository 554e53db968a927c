import { CLOSE } from '../protocol/close.ts'
import { parseCommand, parseEnvelope } from '../protocol/commands.ts'
import type { Command, HelloCommand, TokenCommand } from '../protocol/commands.ts'
import { ChatError } from '../protocol/errors.ts'
import type { ResetReason, WelcomeEvent } from '../protocol/events.ts'
import type { RoomId } from '../protocol/ids.ts'
import { HEARTBEAT_MS, MAX_BAD_FRAMES } from '../protocol/limits.ts'
import type { User } from '../protocol/message.ts'
import { BaseConnection } from './base-connection.ts'
import type { ConnectionHandle } from './chat.ts'
import type { ChatContext } from './context.ts'
import { dispatch } from './dispatch.ts'
import { eventJson, removedFrom } from './frames.ts'
import type { SessionProbe } from './identity.ts'
import { Inbox } from './inbox.ts'
import type { ReaderOwner, RoomReader } from './reader.ts'
import type { Speaker } from './speaker.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Peer, Transport } from './transport.ts'

/** One peer that speaks `natter.v1`. */
export class Connection extends BaseConnection implements ConnectionHandle, ReaderOwner {
  readonly dialect = 'natter.v1'
  /** The rooms it is in. */
  readonly readers = new Map<RoomId, RoomReader>()
  /** When the peer last gave a sign of life, in milliseconds of the monotonic clock. */
  heardAt = this.openedAt
  /** Who speaks; undefined before its hello was answered. */
  speaker: Speaker | undefined
  #session: SessionProbe | 'foreign' | undefined
  #isIdentifying = false
  readonly #inbox: Inbox
  readonly #commands: TokenBucket
  readonly #writes: TokenBucket
  #lastId = 0
  #badFrames = 0

  constructor(context: ChatContext, transport: Transport, peer: Peer, session?: SessionProbe | 'foreign') {
    super(context, transport, peer)
    const { commandRate, writeRate } = context.options
    this.#session = session
    this.#inbox = new Inbox(this.link, (frame) => this.#process(frame))
    this.#commands = new TokenBucket(commandRate, this.openedAt)
    this.#writes = new TokenBucket(writeRate, this.openedAt)
  }

  get user(): User | undefined {
    return this.speaker?.user
  }

  get owesHello(): boolean {
    return this.speaker === undefined
  }

  get isLateWithHello(): boolean {
    return this.owesHello && !this.#isIdentifying
  }

  get reading(): readonly RoomReader[] {
    return [...this.readers.values()]
  }

  get expiresAt(): number | undefined {
    return this.speaker?.identity.expiresAt
  }

  receive(frame: string): void {
    this.heard()
    this.#inbox.receive(frame)
  }

  heard(): void {
    this.heardAt = this.context.options.environment.monotonicNow()
  }

  drained(): void {
    this.link.drained()
    // A list of its own, since the order of the map changes under way.
    const readers = [...this.readers]
    for (const [room, reader] of readers) {
      if (this.link.isFull) break
      this.context.pump.flush(reader.fanOut, reader)
      // The next drain begins with the rooms that had no turn in this one, or a busy room would have them all.
      this.readers.delete(room)
      this.readers.set(room, reader)
    }
    this.#inbox.resume()
  }

  override closed(code: number, reason: string): void {
    super.closed(code, reason)
    this.#session = undefined
    const { connectionId } = this.peer
    if (this.speaker) this.context.events.emit('close', { user: this.speaker.appUser, connectionId, code })
  }

  onReset(reader: RoomReader, reason: ResetReason): void {
    this.#leave(reader)
    this.link.send(eventJson({ type: 'reset', room: reader.room.id, reason }))
  }

  onRemoved(reader: RoomReader): void {
    this.#leave(reader)
    this.link.send(eventJson(removedFrom(reader.room.id)))
  }

  sendHeartbeat(): void {
    if (this.link.isFull) return
    if (this.owesHello) return this.link.ping()
    const [first, second] = this.readers.values()
    this.link.writeWithPing(first?.mayHear && !second ? first.room.heartbeat : this.#encodeHeartbeat())
  }

  stopReading(): void {
    this.#inbox.close()
  }

  sendGoodbye(retryInMs: number): void {
    this.link.send(eventJson({ type: 'goodbye', retryInMs }))
  }

  /** @throws {ChatError} `rate_limited` */
  countWrite(): void {
    const retryAfterMs = this.#writes.take(this.context.options.environment.monotonicNow())
    if (retryAfterMs > 0)
      throw new ChatError('rate_limited', 'that was too much at once; wait a little', { retryAfterMs })
  }

  /** Tells the peer that a command was refused. */
  refuse(id: number | undefined, error: unknown): void {
    const { code, message, retryAfterMs } = this.context.faults.refusalOf(error, { stage: 'carrying out a command' })
    this.context.options.observer.onRefuse(this.peer, code, message)
    this.link.send(
      eventJson({
        type: 'error',
        ...(id !== undefined && { id }),
        code,
        message,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }),
    )
    // A token that was to follow another and does not count leaves that one in force.
    if (code === 'unauthorized' && this.owesHello) this.end(CLOSE.unauthorized)
  }

  /** Carries out one frame. A promise: the next frame must wait for it. */
  #process(frame: string): Promise<void> | undefined {
    const retryAfterMs = this.#commands.take(this.context.options.environment.monotonicNow())
    let id: number | undefined
    try {
      const envelope = parseEnvelope(frame)
      this.#badFrames = 0
      if (envelope.id <= this.#lastId)
        throw new ChatError('id_reused', `id ${envelope.id} is not greater than ${this.#lastId}, the one before it`)
      id = this.#lastId = envelope.id
      if (retryAfterMs > 0)
        throw new ChatError('rate_limited', 'too many commands at once; wait a little', { retryAfterMs })
      return this.#carryOut(parseCommand(envelope))?.catch((error: unknown) => this.refuse(id, error))
    } catch (error) {
      this.refuse(id, error)
      if (id === undefined && ++this.#badFrames >= MAX_BAD_FRAMES) this.end(CLOSE.policyViolation)
      return undefined
    }
  }

  #carryOut(command: Command): Promise<void> | undefined {
    if (command.type === 'hello') return this.#hello(command)
    if (!this.speaker) throw new ChatError('hello_required', 'say hello first')
    return dispatch(this, this.speaker, command)
  }

  async #hello(command: HelloCommand): Promise<void> {
    if (this.speaker)
      throw new ChatError('already_hello', 'this connection has said hello; open another to be someone else')
    const { limits, version, observer } = this.context.options
    const speaker = await this.#identify(command)
    if (!this.link.isOpen) return
    this.context.control.checkConnected(speaker)
    this.context.connections.reschedule(this, () => (this.speaker = speaker))
    const { identity } = speaker
    // It holds the request that opened the connection, which an idle one has no use for.
    this.#session = undefined
    const { user, guestToken } = identity
    observer.onHello(this.peer, user.id, command.client)
    const { connectionId } = this.peer
    this.context.events.emit('open', { user: identity.appUser, connectionId })
    this.link.send(
      eventJson({
        type: 'welcome',
        id: command.id,
        user,
        ...(guestToken !== undefined && { guestToken }),
        ...this.#expiry(),
        heartbeatMs: HEARTBEAT_MS,
        limits,
        server: { name: 'natter', version },
      }),
    )
  }

  #encodeHeartbeat(): Uint8Array {
    const heads = Object.fromEntries(this.reading.flatMap(({ room, head }) => (head ? [[room.id, head]] : [])))
    return this.context.options.encodeFrame(eventJson({ type: 'heartbeat', heads }))
  }

  /** @throws {ChatError} `unauthorized`, `forbidden` where the token is another user's, `unavailable` */
  async renew(speaker: Speaker, { id, token }: TokenCommand): Promise<void> {
    const { identity } = await this.context.identify({ token })
    if (identity.user.id !== speaker.user.id)
      throw new ChatError('forbidden', 'the token is of another user; open another connection for them')
    if (!this.link.isOpen) return
    this.context.connections.reschedule(this, () => speaker.renew(identity))
    // The newer token may allow less.
    await this.context.control.recheck(this)
    this.link.send(eventJson({ type: 'renewed', id, user: identity.user, ...this.#expiry() }))
  }

  #expiry(): Pick<WelcomeEvent, 'expiresInMs'> {
    const { expiresAt } = this
    if (expiresAt === undefined) return {}
    return { expiresInMs: Math.max(0, expiresAt - this.context.options.environment.now()) }
  }

  async #identify({ token, name, guestToken }: HelloCommand): Promise<Speaker> {
    this.#isIdentifying = true
    try {
      return await this.context.identify({ token, name, guestToken, session: this.#session })
    } finally {
      this.#isIdentifying = false
    }
  }

  #leave(reader: RoomReader): void {
    reader.room.leave(reader)
    if (this.readers.get(reader.room.id) === reader) this.readers.delete(reader.room.id)
  }

  protected letGo(): void {
    this.#inbox.close()
    for (const reader of this.readers.values()) reader.room.leave(reader)
    this.readers.clear()
  }
}
