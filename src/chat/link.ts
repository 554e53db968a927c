import type { ChatContext } from './context.ts'
import type { CloseStatus } from '../protocol/close.ts'
import type { Transport } from './transport.ts'

/** The writing half of a connection: what goes to the transport, and whether more may. */
export class Link {
  readonly #context: ChatContext
  readonly #transport: Transport
  #state: 'open' | 'full' | 'closed' = 'open'
  #isCorked = false
  /** When the transport became full, in milliseconds of the monotonic clock. */
  fullSince = 0
  #waiting: (() => void)[] | undefined

  constructor(context: ChatContext, transport: Transport) {
    this.#context = context
    this.#transport = transport
  }

  get isOpen(): boolean {
    return this.#state !== 'closed'
  }

  get isFull(): boolean {
    return this.#state === 'full'
  }

  send(json: string): void {
    this.write(this.#context.options.encodeFrame(json))
  }

  /** Sends an answer that goes out with the pump's next turn, in one write with what that delivers to this connection. */
  sendWithDelivery(json: string): void {
    if (!this.#isCorked && this.isOpen) {
      this.#isCorked = true
      this.#transport.cork()
      this.#context.pump.uncorkAfterTurn(this)
    }
    this.send(json)
  }

  uncork(): void {
    this.#isCorked = false
    this.#transport.uncork()
  }

  write(frames: Uint8Array): void {
    if (this.#state === 'closed') return
    if (this.#transport.write(frames) || this.#state === 'full') return
    this.#state = 'full'
    this.fullSince = this.#context.options.environment.monotonicNow()
    this.#context.full.add(this)
  }

  ping(): void {
    if (this.#state === 'open') this.#transport.ping()
  }

  /** Pings and sends, in one write. */
  sendWithPing(json: string): void {
    this.#transport.cork()
    this.ping()
    this.send(json)
    this.#transport.uncork()
  }

  pause(): void {
    this.#transport.pause()
  }

  resume(): void {
    this.#transport.resume()
  }

  /** Resolves once the transport takes frames, or never will again. */
  writable(): Promise<void> {
    if (this.#state !== 'full') return Promise.resolve()
    return new Promise((resolve) => (this.#waiting ??= []).push(resolve))
  }

  drained(): void {
    if (this.#state === 'full') this.#settle('open')
  }

  /** Ends the connection from this side. */
  end(status: CloseStatus): void {
    if (this.#state === 'closed') return
    this.#settle('closed')
    this.#transport.close(status)
  }

  /** The connection is gone. */
  closed(): void {
    this.#settle('closed')
  }

  #settle(state: 'open' | 'closed'): void {
    this.#state = state
    this.#context.full.delete(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const resolve of waiting ?? []) resolve()
  }
}
