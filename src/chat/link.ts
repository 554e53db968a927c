import type { ChatContext } from './context.ts'
import type { CloseStatus } from '../protocol/close.ts'
import type { Sink, Transport } from './transport.ts'

/** The writing half of a connection: what goes to the transport, and whether more may. */
export class Link {
  readonly #context: ChatContext
  readonly #transport: Transport
  readonly #sink: Sink
  #state: 'open' | 'full' | 'closed' = 'open'
  #isCorked = false
  /** When the transport became full, in milliseconds of the monotonic clock. */
  fullSince = 0
  #waiting: (() => void)[] | undefined

  constructor(context: ChatContext, transport: Transport) {
    this.#context = context
    this.#transport = transport
    this.#sink = transport.sink
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
      this.#sink.cork()
      this.#context.pump.afterTurn(() => this.#uncork())
    }
    this.send(json)
  }

  write(frames: Uint8Array): void {
    if (this.#state === 'closed') return
    // A socket answers before it tries: of a large chunk it says false even where the kernel takes all of it at once.
    if (this.#sink.write(frames) || this.#sink.writableLength === 0 || this.#state === 'full') return
    this.#state = 'full'
    this.fullSince = this.#context.options.environment.monotonicNow()
    this.#context.full.add(this)
    this.#transport.notifyOfDrain()
  }

  ping(): void {
    if (this.#state === 'open') this.#transport.ping()
  }

  /** Pings and writes, in one. */
  writeWithPing(frames: Uint8Array): void {
    this.#sink.cork()
    this.ping()
    this.write(frames)
    this.#sink.uncork()
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

  /** Nothing may be written any more. */
  closed(): void {
    this.#settle('closed')
  }

  #uncork(): void {
    this.#isCorked = false
    this.#sink.uncork()
  }

  #settle(state: 'open' | 'closed'): void {
    this.#state = state
    this.#context.full.delete(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const resolve of waiting ?? []) resolve()
  }
}
