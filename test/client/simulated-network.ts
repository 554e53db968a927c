import { createMemoryBackend } from '../../src/backend/memory.ts'
import type { ConnectionHandle } from '../../src/chat/chat.ts'
import type { ChatOptions } from '../../src/chat/options.ts'
import type { Sink, Transport } from '../../src/chat/transport.ts'
import { createChatClient } from '../../src/client.ts'
import type { ChatClient, ChatClientOptions, ClientEnvironment, ClientSocket, WakeReason } from '../../src/client.ts'
import type { CloseStatus } from '../../src/protocol/close.ts'
import { SUBPROTOCOL } from '../../src/protocol/limits.ts'
import { simulate } from '../chat/simulation.ts'
import type { SimulatedClock, Simulation } from '../chat/simulation.ts'

/** What the network does to a frame on its way. */
export type Fate = 'deliver' | 'lose' | { readonly as: string }

/**
 * SDK clients and a real chat, joined by lines that can be slow, be cut, lose single frames or swallow everything, on one simulated clock.
 */
export class SimulatedNetwork {
  readonly clock: SimulatedClock
  readonly lines = new Set<SimulatedLine>()
  simulation: Simulation
  /** Whether sockets can be opened. */
  isUp = true
  /** Milliseconds that each frame takes; called for each. */
  delayMs: () => number = () => 0
  /** Called for each frame from the server, and from the client. */
  toClient: (frame: string, owner: string) => Fate = () => 'deliver'
  toServer: (frame: string, owner: string) => Fate = () => 'deliver'
  /** From 0 up to 1: what the clients spread their reconnects by. */
  random: () => number = () => 0.5
  readonly #wakeListeners = new Set<(reason: WakeReason) => void>()

  constructor(options: Partial<ChatOptions> = {}) {
    this.simulation = simulate(options)
    this.clock = this.simulation.clock
  }

  /** A client on this network, of a guest known by `name`. */
  client(name: string, options: Partial<ChatClientOptions> = {}): ChatClient {
    return createChatClient({
      url: 'ws://chat.test/',
      name,
      ...options,
      environment: { ...this.environment(name), ...options.environment },
    })
  }

  environment(name: string): ClientEnvironment {
    return {
      now: () => this.clock.now(),
      random: () => this.random(),
      randomBytes: (length) => this.clock.randomBytes(length),
      setTimer: (task, delayMs) => this.clock.setTimer(task, delayMs),
      openSocket: () => new SimulatedLine(this, name),
      onWake: (listener) => {
        this.#wakeListeners.add(listener)
        return () => this.#wakeListeners.delete(listener)
      },
      storage: undefined,
      locks: undefined,
    }
  }

  /** Cuts the lines of that client, or all, without a close frame. */
  cut(name?: string): void {
    for (const line of this.linesOf(name)) line.cut()
  }

  linesOf(name?: string): SimulatedLine[] {
    return [...this.lines].filter(({ owner }) => name === undefined || owner === name)
  }

  wake(reason: WakeReason): void {
    for (const listener of this.#wakeListeners) listener(reason)
  }

  /** Another process takes the place of the server, with another backend unless one is given. Connections are cut. */
  async restart(options: Partial<ChatOptions> = {}): Promise<void> {
    this.cut()
    await this.clock.settle()
    this.simulation = simulate({
      environment: this.clock,
      backend: createMemoryBackend({ environment: this.clock }),
      ...options,
    })
  }
}

type Listeners = {
  open: () => void
  error: () => void
  message: (event: { readonly data: unknown }) => void
  close: (event: { readonly code: number }) => void
}

/** Both ends of one WebSocket. */
export class SimulatedLine implements ClientSocket, Transport, Sink {
  readonly protocol = SUBPROTOCOL
  /** The name of the client at its one end. */
  readonly owner: string
  /** The line takes everything at once. */
  readonly writableLength = 0
  readonly #network: SimulatedNetwork
  readonly #listeners: { [Name in keyof Listeners]: Listeners[Name][] } = {
    open: [],
    error: [],
    message: [],
    close: [],
  }
  #handle: ConnectionHandle | undefined
  /** When the last frame of each direction arrives: a later one does not overtake it. */
  #arrivesAt = { client: 0, server: 0 }
  #isCut = false
  /** Whether frames vanish in both directions, and nobody is told. */
  isDead = false

  constructor(network: SimulatedNetwork, owner: string) {
    this.#network = network
    this.owner = owner
    network.lines.add(this)
    this.#travel('client', () => {
      if (!network.isUp) return this.cut()
      const peer = { connectionId: '1', address: '127.0.0.1' }
      this.#handle = network.simulation.chat.open(this, peer)
      for (const listener of this.#listeners.open) listener()
    })
  }

  addEventListener<Name extends keyof Listeners>(type: Name, listener: Listeners[Name]): void {
    this.#listeners[type].push(listener)
  }

  /** The client sends. */
  send(frame: string): void {
    const fate = this.#network.toServer(frame, this.owner)
    if (fate === 'lose') return
    this.#travel('server', () => this.#handle?.receive(fate === 'deliver' ? frame : fate.as))
  }

  /** The server sends; or the client closes, which is told from it by its argument. */
  write(bytes: Uint8Array): boolean {
    for (const frame of new TextDecoder().decode(bytes).split('\n').slice(0, -1)) {
      const fate = this.#network.toClient(frame, this.owner)
      if (fate === 'lose') continue
      const data = fate === 'deliver' ? frame : fate.as
      this.#travel('client', () => {
        for (const listener of this.#listeners.message) listener({ data })
      })
    }
    return true
  }

  ping(): void {
    this.#travel('client', () => this.#travel('server', () => this.#handle?.heard()))
  }

  close(status?: CloseStatus | number): void {
    const code = typeof status === 'object' ? status.code : (status ?? 1000)
    this.#travel('client', () => this.#end(code))
  }

  get sink(): Sink {
    return this
  }

  notifyOfDrain(): void {}

  cork(): void {}

  uncork(): void {}

  pause(): void {}

  resume(): void {}

  cut(): void {
    this.#end(1006)
  }

  #end(code: number): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#network.lines.delete(this)
    this.#handle?.closed(code, '')
    for (const listener of this.#listeners.close) listener({ code })
  }

  #travel(to: 'client' | 'server', arrive: () => void): void {
    const { clock, delayMs } = this.#network
    const at = Math.max(clock.now() + delayMs(), this.#arrivesAt[to])
    this.#arrivesAt[to] = at
    clock.setTimer(() => {
      if (!this.#isCut && !this.isDead) arrive()
    }, at - clock.now())
  }
}
