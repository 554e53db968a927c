import { Chat } from '../../src/chat/chat.ts'
import type { ConnectionHandle } from '../../src/chat/chat.ts'
import type { Environment } from '../../src/chat/environment.ts'
import { createIdentity } from '../../src/chat/identity.ts'
import type { Identity } from '../../src/chat/identity.ts'
import type { ErrorContext, Observer } from '../../src/chat/observer.ts'
import type { ChatOptions } from '../../src/chat/options.ts'
import type { Speaker } from '../../src/chat/speaker.ts'
import type { Sink, Transport } from '../../src/chat/transport.ts'
import type { Backend } from '../../src/backend/backend.ts'
import { createMemoryBackend } from '../../src/backend/memory.ts'
import type { CloseStatus } from '../../src/protocol/close.ts'
import type { ServerEvent } from '../../src/protocol/events.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts'
import { revisionOf } from '../../src/protocol/message.ts'
import type { Position } from '../../src/protocol/message.ts'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** A clock that moves when it is told to, and turns of an event loop that come when they are asked for. */
export class SimulatedClock implements Environment {
  #now = 1_800_000_000_000
  #timers: Timer[] = []
  #deferred: (() => void)[] = []
  #seed = 1

  now(): number {
    return this.#now
  }

  monotonicNow(): number {
    return this.#now
  }

  /** Mulberry32: the same bytes in every run. */
  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => {
      this.#seed = (this.#seed + 0x6d2b79f5) | 0
      const mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
      return (mixed ^ (mixed >>> 14)) & 255
    })
  }

  setTimer(task: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.push(timer)
    return () => (this.#timers = this.#timers.filter((other) => other !== timer))
  }

  defer(task: () => void): void {
    this.#deferred.push(task)
  }

  /** Runs one turn. */
  async turn(): Promise<void> {
    for (const task of this.#deferred.splice(0)) task()
    // Promises settle before the event loop's next turn.
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Runs turns until nothing is left to do without time passing. */
  async settle(): Promise<void> {
    do await this.turn()
    while (this.#deferred.length > 0)
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.settle()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)[0]
      if (!next) break
      this.#timers.splice(this.#timers.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await this.settle()
    }
    this.#now = until
  }
}

/** A peer on a simulated line: what it was sent, and how much of it the line takes. */
export class SimulatedPeer implements Transport, Sink {
  readonly received: string[] = []
  readonly #decoder = new TextDecoder()
  /** The frames that the line holds and the peer has not read. */
  readonly #unread: string[] = []
  /** How many writes the line takes before it is full; the peer reads at once while this is infinite. */
  capacity = Infinity
  isPaused = false
  pings = 0
  writes = 0
  ended: CloseStatus | undefined
  #handle: ConnectionHandle | undefined
  #lastId = 0

  connect(handle: ConnectionHandle): this {
    this.#handle = handle
    return this
  }

  get sink(): Sink {
    return this
  }

  get writableLength(): number {
    return this.#unread.length
  }

  /** The peer reads when a test has it read, and tells then. */
  notifyOfDrain(): void {}

  write(frames: Uint8Array): boolean {
    this.writes++
    const lines = this.#decoder.decode(frames).split('\n').slice(0, -1)
    if (this.capacity === Infinity) this.received.push(...lines)
    else this.#unread.push(...lines)
    return this.#unread.length < this.capacity
  }

  /** Nothing is gained by waiting on a simulated line. */
  cork(): void {}

  uncork(): void {}

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  ping(): void {
    this.pings++
  }

  close(status: CloseStatus): void {
    this.ended = status
    queueMicrotask(() => this.#handle?.closed(status.code, status.reason))
  }

  /** The line breaks. */
  cut(): void {
    this.#handle?.closed(1006, '')
  }

  /** Answers a ping. */
  pong(): void {
    this.#handle?.heard()
  }

  /** Reads what the line holds, which may then fill again. */
  readOnce(): void {
    this.received.push(...this.#unread.splice(0))
    this.#handle?.drained()
  }

  /** Reads what the line holds, and from now on everything at once. */
  readOn(): void {
    this.capacity = Infinity
    this.readOnce()
  }

  /** Sends a command under the next id; returns the id. */
  send(command: { readonly type: string; readonly [field: string]: unknown }): number {
    this.#handle?.receive(JSON.stringify({ id: ++this.#lastId, ...command }))
    return this.#lastId
  }

  sendRaw(frame: string): void {
    this.#handle?.receive(frame)
  }

  /** What it was sent, of one type. */
  events<T extends ServerEvent['type']>(type: T): Extract<ServerEvent, { type: T }>[] {
    return this.allEvents().filter((event): event is Extract<ServerEvent, { type: T }> => event.type === type)
  }

  allEvents(): ServerEvent[] {
    return this.received.map((line) => JSON.parse(line) as ServerEvent)
  }

  /** The seqs of the room's changes, as they reached this peer, whatever the event that brought them. */
  seqs(): number[] {
    return this.allEvents().flatMap((event) => {
      if (event.type === 'change') return [event.seq]
      return event.type === 'joined' || event.type === 'changes' ? event.messages.map(revisionOf) : []
    })
  }
}

export const SILENT: Observer = {
  onOpen: () => {},
  onHello: () => {},
  onStored: () => {},
  onDeliver: () => {},
  onTrimmed: () => {},
  onRefuse: () => {},
  onClose: () => {},
}

export interface Simulation {
  readonly clock: SimulatedClock
  readonly chat: Chat
  readonly backend: Backend
  /** Faults that no client could be told of. */
  readonly faults: { readonly error: unknown; readonly context: ErrorContext }[]
  connect(): SimulatedPeer
  connectPlain(): SimulatedPeer
  /** Who somebody is who asks without a connection. */
  identify(name?: string): Promise<Speaker>
  /** Opens a stream of a room's events. */
  follow(room: string, since?: Position, name?: string): Promise<SimulatedPeer>
  /** What comes of something that takes turns of the event loop, and no time. */
  settled<T>(work: Promise<T>): Promise<T>
  /** Connects, says hello and joins; what came of that is forgotten. */
  join(room: string, name?: string): Promise<SimulatedPeer>
}

/** A user of an app. */
export function userCalled(name: string, id = `u_${name}`): Identity {
  return createIdentity({ id, name }, 'a test')
}

/** A whole chat on a simulated clock and network. A frame on its lines ends with a line feed. */
export function simulate(options: Partial<ChatOptions> = {}, clock = new SimulatedClock()): Simulation {
  const backend = options.backend ?? createMemoryBackend({ environment: clock })
  const faults: Simulation['faults'] = []
  const encoder = new TextEncoder()
  const chat = new Chat({
    backend,
    environment: clock,
    encodeFrame: (json) => encoder.encode(`${json}\n`),
    observer: SILENT,
    onError: (error, context) => faults.push({ error, context }),
    limits: DEFAULT_LIMITS,
    writeRate: { burst: 0, perMs: 1 },
    commandRate: { burst: 0, perMs: 1 },
    slowReaderMs: 15_000,
    rooms: [],
    access: { timeoutMs: 3_000 },
    version: '0.0.0',
    // By name, at once: guest tokens are signed on another thread, which no simulated clock waits for.
    tokens: undefined,
    allowGuests: true,
    authenticateTimeoutMs: 5_000,
    identify: ({ name = 'Ada' }) => Promise.resolve(userCalled(name)),
    ...options,
  })
  let connections = 0
  const attach = (kind: 'open' | 'openPlain'): SimulatedPeer => {
    const peer = new SimulatedPeer()
    return peer.connect(chat[kind](peer, { connectionId: String(++connections), address: '127.0.0.1' }))
  }
  return {
    clock,
    chat,
    backend,
    faults,
    connect: () => attach('open'),
    connectPlain: () => attach('openPlain'),
    identify: (name = 'Ada') => chat.identify({ name }),
    async follow(room, since, name = 'Ada') {
      const peer = new SimulatedPeer()
      const from = { connectionId: String(++connections), address: '127.0.0.1' }
      return peer.connect(await chat.follow(peer, from, await chat.identify({ name }), room as RoomId, since))
    },
    async settled(work) {
      const [result] = await Promise.all([work, clock.settle()])
      return result
    },
    async join(room, name = 'Ada') {
      const peer = attach('open')
      peer.send({ type: 'hello', name })
      peer.send({ type: 'join', room })
      await clock.settle()
      return peer
    },
  }
}
