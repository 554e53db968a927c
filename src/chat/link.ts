import type { ChatContext } from './context.ts'
import type { CloseStatus } from '../protocol/close.ts'
import type { Sink, Transport } from './transport.ts'

/** Frames of up to this many bytes are copied to go out with an answer: of longer ones that would cost more than a write. */
export const MAX_JOINED_BYTES = 4 * 1024

/** The writing half of a connection: what goes to the transport, and whether more may. */
export class Link {
  readonly #context: ChatContext
  readonly #transport: Transport
  readonly #sink: Sink
  #state: 'open' | 'full' | 'closed' = 'open'
  /** Frames that wait to go out with the next ones. */
  #held: Uint8Array | undefined
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

  /** Sends an answer in one write with what the pump's next turn delivers to this connection, or after that turn with what `deliver` does. */
  sendWithDelivery(json: string, deliver: () => void): void {
    if (!this.isOpen) return
    const frame = this.#context.options.encodeFrame(json)
    if (!this.#held) this.#context.pump.afterTurn(() => this.#release(deliver))
    this.#held = this.#held ? Buffer.concat([this.#held, frame]) : frame
  }

  write(frames: Uint8Array): void {
    if (this.#held && frames.byteLength <= MAX_JOINED_BYTES) {
      const joined = Buffer.concat([this.#held, frames])
      this.#held = undefined
      return this.#put(joined)
    }
    this.#release()
    this.#put(frames)
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
    this.closing()
    this.#transport.close(status)
  }

  /** Nothing may be written from now on, behind what was sent already. */
  closing(): void {
    this.#release()
    this.#settle('closed')
  }

  /** The transport is gone. */
  closed(): void {
    this.#held = undefined
    this.#settle('closed')
  }

  #release(deliver?: () => void): void {
    if (this.#held) deliver?.()
    if (!this.#held) return
    const held = this.#held
    this.#held = undefined
    this.#put(held)
  }

  #put(frames: Uint8Array): void {
    if (this.#state === 'closed') return
    // A socket answers before it tries: of a large chunk it says false even where the kernel takes all of it at once.
    if (this.#sink.write(frames) || this.#sink.writableLength === 0 || this.#state === 'full') return
    this.#state = 'full'
    this.fullSince = this.#context.options.environment.monotonicNow()
    this.#context.full.add(this)
    this.#transport.notifyOfDrain()
  }

  #settle(state: 'open' | 'closed'): void {
    this.#state = state
    this.#context.full.delete(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const resolve of waiting ?? []) resolve()
  }
}
