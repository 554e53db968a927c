import type { ConnectionHandle } from '../../chat/chat.ts'
import type { Sink, Transport } from '../../chat/transport.ts'
import type { CloseStatus } from '../../protocol/close.ts'

/** Bytes that wait to be read before the stream is full. What waits is shared by all readers of the room. */
const BUFFER_BYTES = 64 * 1024

/** Milliseconds that whoever reads has to take what was written before the stream ended. */
const CLOSE_TIMEOUT_MS = 3_000

/** A comment, which readers skip. It keeps proxies from taking the stream for dead, and finds out that a reader is gone. */
const PING = Buffer.from(':\n\n')

/** Carries one follower's events as the body of a response. */
export class EventStream implements Transport, Sink {
  readonly body: ReadableStream<Uint8Array>
  /** Breaks the line, if it is still there. */
  readonly #cut: () => void
  readonly #onGone: () => void
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #handle: ConnectionHandle | undefined
  #state: 'open' | 'drain awaited' | 'gone' = 'open'
  #gone: readonly [code: number, reason: string] | undefined

  /** @param onGone called once, when nothing is written any more. */
  constructor(cut: () => void, onGone: () => void) {
    this.#cut = cut
    this.#onGone = onGone
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pulled(),
        cancel: () => this.#end(1006, ''),
      },
      { highWaterMark: BUFFER_BYTES, size: ({ byteLength }) => byteLength },
    )
  }

  /** Tells `handle` what becomes of the stream from now on. */
  attach(handle: ConnectionHandle): void {
    this.#handle = handle
    if (this.#gone) handle.closed(...this.#gone)
  }

  /** Nobody will read it: it was refused before it began. */
  discard(): void {
    this.#end(1006, '')
  }

  get sink(): Sink {
    return this
  }

  get writableLength(): number {
    return BUFFER_BYTES - (this.#controller.desiredSize ?? 0)
  }

  write(frames: Uint8Array): boolean {
    if (this.#state === 'gone') return false
    this.#controller.enqueue(frames)
    return this.writableLength < BUFFER_BYTES
  }

  notifyOfDrain(): void {
    if (this.#state === 'open') this.#state = 'drain awaited'
  }

  /** Writes are put together where the socket is, not here. */
  cork(): void {}

  uncork(): void {}

  /** Nothing is read from a stream. */
  pause(): void {}

  resume(): void {}

  ping(): void {
    this.write(PING)
  }

  close({ code, reason }: CloseStatus): void {
    if (this.#state === 'gone') return
    this.#controller.close()
    setTimeout(this.#cut, CLOSE_TIMEOUT_MS).unref()
    this.#state = 'gone'
    // Not within the call that asked for it.
    queueMicrotask(() => this.#end(code, reason))
  }

  #pulled(): void {
    if (this.#state !== 'drain awaited' || this.writableLength >= BUFFER_BYTES) return
    this.#state = 'open'
    this.#handle?.drained()
  }

  #end(code: number, reason: string): void {
    this.#state = 'gone'
    if (this.#gone) return
    this.#gone = [code, reason]
    this.#onGone()
    this.#handle?.closed(code, reason)
  }
}
