import { EventEmitter, once } from 'node:events'
import { inspect } from 'node:util'
import type { WebSocket } from 'ws'

/** How the server ended a connection. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** What is waited for in vain fails the test after this long: well past the slowest thing there is, a heartbeat. */
const PATIENCE_MS = 20_000

/** The frames that a WebSocket brought, kept until a test takes them, so that nothing depends on who was first. */
export class Mailbox<Frame> {
  readonly #untaken: Frame[] = []
  readonly #news = new EventEmitter().setMaxListeners(0)
  #closed: Closed | undefined

  constructor(ws: WebSocket) {
    ws.on('message', (data) => {
      this.#untaken.push(JSON.parse((data as Buffer).toString()) as Frame)
      this.#news.emit('news')
    })
    ws.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() }
      this.#news.emit('news')
    })
    // Its close event follows, and tells more.
    ws.on('error', () => {})
  }

  get untaken(): readonly Frame[] {
    return this.#untaken
  }

  /** Takes the first frame that `matches`, once it is there. `what` names it where it does not come. */
  async take(what: string, matches: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return this.#wait(what, () => {
      const index = this.#untaken.findIndex(matches)
      if (index === -1 && this.#closed) throw new Error(`${what} did not come: ${this.#story()}`)
      return this.#untaken.splice(index, index === -1 ? 0 : 1)[0]
    })
  }

  /** How the server ended the connection, once it did. */
  async ended(): Promise<Closed> {
    return this.#wait('the end of the connection', () => this.#closed)
  }

  async #wait<T>(what: string, find: () => T | undefined): Promise<T> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await once(this.#news, 'news', { signal }).catch(() => {
        throw new Error(`${what} did not come within ${PATIENCE_MS} ms: ${this.#story()}`)
      })
    }
  }

  #story(): string {
    const state = this.#closed ? `ended with ${inspect(this.#closed)}` : 'is open'
    return `the connection ${state}; what came and nobody took is ${inspect(this.#untaken.slice(-5), { depth: 4 })}`
  }
}
