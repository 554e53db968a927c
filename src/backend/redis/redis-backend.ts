import type { Epoch, MessageId, RoomId, Seq, UserId } from '../../protocol/ids.ts'
import type { Position, User } from '../../protocol/message.ts'
import { halfRestored } from '../backend-error.ts'
import type {
  Append,
  Appended,
  Backend,
  BackendEnvironment,
  BroadcastListener,
  CatchUp,
  Extent,
  Members,
  Page,
  PageQuery,
  RoomListener,
  StoredMessage,
  Subscription,
} from '../backend.ts'
import { RandomText } from '../random-text.ts'
import { RedisBroadcasts } from './broadcasts.ts'
import { RedisArchive } from './archive.ts'
import type { ClientFactory, RedisClient } from './client.ts'
import { RedisConnection } from './connection.ts'
import { Heartbeat } from './heartbeat.ts'
import { RedisKeys } from './keys.ts'
import { RedisLineages } from './lineages.ts'
import { RedisLog } from './log.ts'
import { RedisPresence } from './presence.ts'
import { OutageNotices } from './outage-notices.ts'
import { Probe } from './probe.ts'
import { encodeSignal } from './room-event.ts'
import { RoomFeeds } from './room-feeds.ts'
import { RedisScripts } from './scripts.ts'
import { RedisSecrets } from './secrets.ts'
import { checkServer } from './server-check.ts'
import { Subscriber } from './subscriber.ts'
import type { RedisTimings } from './timings.ts'
import { isWriteRefusal, WriteWatch } from './write-watch.ts'

/** Unanswered calls past which signals are dropped. */
const PRESSURE_CALLS = 2_000

const PROCESS_ID_LENGTH = 12

export interface RedisBackendParts {
  readonly createClient: ClientFactory
  /** As it is shown to people. */
  readonly address: string
  readonly keyPrefix: string
  /** Its number. */
  readonly database: number
  /** Whether a log will do that has half of a chat that is being moved there. */
  readonly forRestore: boolean
  readonly environment: BackendEnvironment
  readonly onNotice: (notice: string) => void
  readonly timings: RedisTimings
}

/**
 * A backend whose log is in Redis, shared with other processes. Two connections: one for commands, one that is subscribed to the
 * open rooms. What is published is only ever the quick way; that nothing is missing is known from the log.
 */
export class RedisBackend implements Backend {
  readonly archive: RedisArchive
  readonly #parts: RedisBackendParts
  readonly #process: string
  readonly #keys: RedisKeys
  readonly #scripts: RedisScripts
  readonly #commands: RedisConnection
  readonly #subscription: RedisConnection
  readonly #subscriber: Subscriber
  readonly #lineages: RedisLineages
  readonly #log: RedisLog
  readonly #feeds: RoomFeeds
  readonly #presence: RedisPresence
  readonly #secrets: RedisSecrets
  readonly #probe: Probe
  readonly #writes: WriteWatch
  readonly #outages: OutageNotices
  readonly #broadcasts: RedisBroadcasts
  #heartbeats: Heartbeat[] = []
  /** What the operator was warned of when the server was last looked at. */
  #warnings: ReadonlySet<string> = new Set()
  #closing: Promise<void> | undefined

  constructor(parts: RedisBackendParts) {
    const { environment, timings, createClient } = parts
    const process = new RandomText(environment).next(PROCESS_ID_LENGTH)
    this.#parts = parts
    this.#process = process
    this.#outages = new OutageNotices(parts.address, parts.database, parts.onNotice)
    this.#keys = new RedisKeys(parts.keyPrefix, parts.database)
    this.#scripts = new RedisScripts()
    this.#commands = new RedisConnection({
      createClient,
      prepare: (client) => this.#prepare(client),
      onOpen: () => this.#onCommandsOpen(),
      onLost: (cause) => this.#outages.lost(cause),
      onFailed: (error) => this.#outages.failed(error),
      timings,
    })
    this.#subscriber = new Subscriber((payload, channel) => this.#receive(payload, channel))
    this.#subscription = new RedisConnection({
      createClient,
      prepare: (client) => this.#subscriber.restore(client),
      onOpen: () => this.#onSubscriptionOpen(),
      onLost: () => this.#onSubscriptionLost(),
      onFailed: (error) => this.#outages.subscriptionFailed(error, !this.#commands.isOpen),
      timings,
    })
    this.#subscriber.attach(this.#subscription)
    this.#writes = new WriteWatch(parts.address, parts.onNotice)
    this.#lineages = new RedisLineages(this.#scripts, this.#keys, environment)
    this.#log = new RedisLog(this.#commands, this.#scripts, this.#keys, this.#lineages, environment)
    this.#feeds = new RoomFeeds(this.#log, this.#subscriber, this.#keys, timings.gapMs)
    this.#presence = new RedisPresence(process, this.#commands, this.#scripts, this.#keys, timings.leaseMs)
    this.#secrets = new RedisSecrets(this.#commands, this.#keys, environment)
    this.archive = new RedisArchive({
      address: parts.address,
      process,
      connection: this.#commands,
      scripts: this.#scripts,
      keys: this.#keys,
      log: this.#log,
      lineages: this.#lineages,
      secrets: this.#secrets,
    })
    this.#probe = new Probe(
      this.#keys.probe(process),
      this.#commands,
      this.#subscription,
      this.#subscriber,
      timings.probeTimeoutMs,
    )
    this.#broadcasts = new RedisBroadcasts(this.#keys, this.#commands, this.#scripts)
  }

  /** Makes the first connections. Rejects with what the client or the server said where there are none to be had. */
  async open(): Promise<void> {
    const { timings } = this.#parts
    await this.#commands.open()
    try {
      await this.#subscription.open()
      await this.#probe.listen()
      await this.#subscriber.add(this.#broadcasts.channel)
    } catch (error) {
      this.#commands.close()
      this.#subscription.close()
      throw error
    }
    this.#heartbeats = [
      new Heartbeat(() => this.#probe.send(), timings.probeMs),
      new Heartbeat(() => this.#feeds.compareSome(), timings.compareMs),
      new Heartbeat(() => this.#lookAtServers(), timings.compareMs),
      new Heartbeat(() => this.#listenAgain(), timings.probeMs),
    ]
    if (!this.#parts.forRestore) this.#heartbeats.push(new Heartbeat(() => this.#presence.renew(), timings.leaseMs / 3))
  }

  async append(append: Append): Promise<Appended> {
    const { answer, change } = await this.#writes.watch(this.#log.append(append))
    if (answer.status === 'appended') await this.#feeds.publish(append.room, answer.position, change)
    return answer
  }

  async readChanges(room: RoomId, since: Position, limit: number): Promise<CatchUp> {
    const read = await this.#log.read(room, since, limit)
    if (read.status === 'reset') return read
    const { status, changes, position, head } = read
    return { status, messages: changes.map(({ message }) => message), position, head }
  }

  readPage(room: RoomId, query: PageQuery): Promise<Page> {
    return this.#log.readPage(room, query)
  }

  findMessage(room: RoomId, id: MessageId): Promise<StoredMessage | undefined> {
    return this.#log.findMessage(room, id)
  }

  head(room: RoomId): Promise<Position> {
    return this.#log.head(room)
  }

  subscribe(room: RoomId, listener: RoomListener): Promise<Subscription> {
    return this.#feeds.subscribe(room, listener)
  }

  signal(room: RoomId, payload: string): void {
    if (this.#commands.backlog > PRESSURE_CALLS) return
    const command = ['SPUBLISH', this.#keys.channel(room), encodeSignal(payload)]
    // At most once: one that is lost is not missed.
    this.#commands.run((client) => client.sendCommand(command)).catch(() => {})
  }

  broadcast(payload: string): Promise<void> {
    return this.#broadcasts.send(payload)
  }

  listen(listener: BroadcastListener): () => void {
    return this.#broadcasts.listen(listener)
  }

  enter(room: RoomId, user: User): void {
    if (!this.#closing) this.#presence.enter(room, user)
  }

  exit(room: RoomId, user: UserId): void {
    if (!this.#closing) this.#presence.exit(room, user)
  }

  members(room: RoomId, limit: number): Promise<Members> {
    return this.#presence.members(room, limit)
  }

  advanceMarker(room: RoomId, user: UserId, seq: Seq): Promise<Seq> {
    return this.#log.advanceMarker(room, user, seq)
  }

  marker(room: RoomId, user: UserId): Promise<Seq> {
    return this.#log.marker(room, user)
  }

  rooms(): AsyncIterable<readonly RoomId[]> {
    return this.archive.rooms()
  }

  extent(room: RoomId): Promise<Extent> {
    return this.#log.extent(room)
  }

  countMessages(room: RoomId): Promise<number> {
    return this.#log.countMessages(room)
  }

  trim(room: RoomId, seq: Seq, epoch?: Epoch): Promise<number> {
    return this.#log.trim(room, seq, epoch)
  }

  async lease(name: string, ms: number): Promise<boolean> {
    const key = this.#keys.lease(name)
    const send = (...command: string[]): Promise<unknown> => this.#commands.run((client) => client.sendCommand(command))
    if ((await send('SET', key, this.#process, 'PX', String(ms), 'NX')) !== null) return true
    if ((await send('GET', key)) !== this.#process) return false
    await send('PEXPIRE', key, String(ms))
    return true
  }

  secret(name: string): Promise<Uint8Array> {
    return this.#secrets.find(name)
  }

  ping(): Promise<void> {
    return this.#writes.watch(this.#log.ping())
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    const stopped = this.#heartbeats.map((heartbeat) => heartbeat.stop())
    // Where Redis is away, the members go when their lease does.
    await this.#presence.leave().catch(() => {})
    await this.#log.drained()
    await this.#commands.drained()
    this.#feeds.close()
    this.#commands.close()
    this.#subscription.close()
    await Promise.all(stopped)
    this.#probe.forget()
  }

  /**
   * Makes this process one of those that use the chat. One that restores it is none: killed, it can be begun again at once.
   *
   * @throws {BackendError} `restoring`
   */
  async #join(client: RedisClient): Promise<void> {
    if (this.#parts.forRestore) return
    await this.#refuseHalfRestored(client)
    try {
      await this.#presence.takeLease(client)
    } catch (error) {
      // It can be read from, and nobody can move a chat there either.
      if (isWriteRefusal(error)) return
      throw error
    }
    try {
      // Again: an import that began in between may not have seen the lease. One that begins now does.
      await this.#refuseHalfRestored(client)
    } catch (error) {
      await this.#presence.dropLease(client)
      throw error
    }
  }

  async #refuseHalfRestored(client: RedisClient): Promise<void> {
    const restoring = await client.sendCommand(['GET', this.#keys.restoring])
    if (restoring !== null) throw halfRestored(this.#parts.address)
  }

  /** Whether it has been opened, and not closed. */
  get #isRunning(): boolean {
    return this.#heartbeats.length > 0 && !this.#closing
  }

  async #prepare(client: RedisClient): Promise<void> {
    await this.#checkServers(client)
    await this.#scripts.load(client)
    await this.#join(client)
    await this.#lineages.learn(client)
    await this.#secrets.restore(client)
  }

  /** Whoever comes back may be another server, or be set otherwise. */
  async #checkServers(client: RedisClient): Promise<void> {
    const { address, onNotice } = this.#parts
    const found = await Promise.all(client.servers.map((server) => checkServer(server, address)))
    const warnings = new Set(found.flat())
    for (const warning of warnings) if (!this.#warnings.has(warning)) onNotice(warning)
    this.#warnings = warnings
  }

  /** A server may be another, or have lost what it had, without a connection that ends. */
  async #lookAtServers(): Promise<void> {
    const isOther = await this.#commands.run(async (client) => {
      const hasOther = await this.#lineages.learn(client)
      if (hasOther) await this.#secrets.restore(client)
      return hasOther
    })
    if (isOther) await this.#feeds.compareAll()
  }

  #onCommandsOpen(): void {
    // The first time there is nothing to put right.
    if (!this.#isRunning) return
    this.#outages.back()
    if (!this.#parts.forRestore) this.#recover(() => this.#presence.restore())
    this.#recover(() => this.#feeds.compareAll())
  }

  #onSubscriptionOpen(): void {
    if (!this.#isRunning) return
    this.#outages.subscribed()
    this.#recover(() => this.#listenAgain())
    this.#recover(() => this.#feeds.compareAll())
  }

  #onSubscriptionLost(): void {
    this.#probe.forget()
    this.#broadcasts.lost()
  }

  async #listenAgain(): Promise<void> {
    if (this.#subscription.isOpen) await this.#broadcasts.recover()
  }

  /** What fails now because Redis is away again is done when it is back again; what fails otherwise, by a heartbeat. */
  #recover(work: () => Promise<void>): void {
    work().catch(() => {})
  }

  #receive(payload: string, channel: string): void {
    if (this.#probe.isChannel(channel)) {
      this.#probe.receive(channel, payload)
      this.#broadcasts.heard()
    } else if (channel === this.#broadcasts.channel) this.#broadcasts.receive(payload)
    else this.#feeds.receive(payload, channel)
  }
}
