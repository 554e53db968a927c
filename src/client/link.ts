import type { ServerEvent } from '../protocol/events.ts'
import { SILENCE_MS, SUBPROTOCOL } from '../protocol/limits.ts'
import type { ClientEnvironment, ClientSocket } from './environment.ts'

/** Milliseconds a connection has from opening its socket to its first frame. */
const CONNECT_TIMEOUT_MS = 15_000

/** The code of RFC 6455 §7.1.5 for a connection that ended without a close frame. */
const ABNORMAL_CLOSURE = 1006

export interface LinkHandlers {
  onOpen(): void
  onEvent(event: ServerEvent): void
  /** Called once, unless `drop()` was. */
  onEnd(code: number): void
  onError(error: unknown): void
}

/** One WebSocket, from its opening to its end: closed by either side, silent for too long, or dropped. */
export class Link {
  readonly #environment: ClientEnvironment
  readonly #handlers: LinkHandlers
  readonly #socket: ClientSocket
  #heardAt: number
  #framesHeard = 0
  #stopWatching = (): void => {}
  #stopProbing = (): void => {}
  #ended = false

  constructor(url: string, environment: ClientEnvironment, handlers: LinkHandlers) {
    this.#environment = environment
    this.#handlers = handlers
    this.#heardAt = environment.now()
    this.#socket = environment.openSocket(url, SUBPROTOCOL)
    this.#socket.addEventListener('open', () => this.#opened(url))
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data))
    this.#socket.addEventListener('close', ({ code }) => this.#end(code))
    // A close always follows; the `ws` package throws where nobody listens.
    this.#socket.addEventListener('error', () => {})
    this.#watch()
  }

  send(command: object): void {
    this.#socket.send(JSON.stringify(command))
  }

  /** Milliseconds since the last frame. */
  silentForMs(): number {
    return this.#environment.now() - this.#heardAt
  }

  /** Ends the connection if nothing at all is heard for `timeoutMs` from now. */
  probe(timeoutMs: number): void {
    const framesHeard = this.#framesHeard
    this.#stopProbing()
    this.#stopProbing = this.#environment.setTimer(() => {
      if (this.#framesHeard === framesHeard) this.#end(ABNORMAL_CLOSURE)
    }, timeoutMs)
  }

  /** Ends the connection without a word to the handlers. */
  drop(): void {
    this.#ended = true
    this.#stopWatching()
    this.#stopProbing()
    this.#socket.close(1000)
  }

  #opened(url: string): void {
    if (this.#ended) return
    if (this.#socket.protocol === SUBPROTOCOL) this.#handlers.onOpen()
    else this.#fail(new Error(`the server at ${url} does not speak ${SUBPROTOCOL}`))
  }

  #receive(data: unknown): void {
    if (this.#ended) return
    this.#heardAt = this.#environment.now()
    this.#framesHeard++
    try {
      this.#handlers.onEvent(JSON.parse(String(data)) as ServerEvent)
    } catch (error) {
      // What it was about is unknown, so this side may have missed something: coming back finds out.
      this.#fail(error)
    }
  }

  // Timers say little about time: a background tab's fire once a minute and a sleeping machine's not at all. So the clock
  // is read whenever one fires. One that was set back counts as having heard something just now.
  #watch(): void {
    const limitMs = this.#framesHeard > 0 ? SILENCE_MS : CONNECT_TIMEOUT_MS
    if (this.silentForMs() < 0) this.#heardAt = this.#environment.now()
    const leftMs = limitMs - this.silentForMs()
    if (leftMs <= 0) return this.#end(ABNORMAL_CLOSURE)
    this.#stopWatching = this.#environment.setTimer(() => this.#watch(), leftMs)
  }

  #fail(error: unknown): void {
    this.#handlers.onError(error)
    this.#end(ABNORMAL_CLOSURE)
  }

  #end(code: number): void {
    if (this.#ended) return
    this.drop()
    this.#handlers.onEnd(code)
  }
}
