import type { Link } from './link.ts'

/**
 * The reading half of a connection: frames are carried out one after another, and none while the peer leaves its answers unread
 * or a command that others must wait for is under way. Meanwhile the transport is paused, so that what waits here is at most what
 * had already been read from the line.
 */
export class Inbox {
  readonly #link: Link
  /** A promise: the next frame waits until it has settled. It never rejects. */
  readonly #process: (frame: string) => Promise<void> | undefined
  #frames: string[] = []
  #state: 'ready' | 'busy' | 'closed' = 'ready'
  #isPaused = false

  constructor(link: Link, process: (frame: string) => Promise<void> | undefined) {
    this.#link = link
    this.#process = process
  }

  receive(frame: string): void {
    if (this.#state === 'closed') return
    if (this.#isReady && this.#frames.length === 0) return this.#run(frame)
    this.#frames.push(frame)
    if (this.#isPaused) return
    this.#isPaused = true
    this.#link.pause()
  }

  /** Goes on with what waits. For when the link takes frames again. */
  resume(): void {
    let next = 0
    while (this.#isReady && next < this.#frames.length) this.#run(this.#frames[next++]!)
    this.#frames.splice(0, next)
    if (this.#frames.length > 0 || !this.#isPaused || !this.#isReady) return
    this.#isPaused = false
    this.#link.resume()
  }

  close(): void {
    this.#state = 'closed'
    this.#frames = []
  }

  get #isReady(): boolean {
    return this.#state === 'ready' && !this.#link.isFull
  }

  #run(frame: string): void {
    const working = this.#process(frame)
    if (!working) return
    void this.#waitFor(working)
  }

  async #waitFor(working: Promise<void>): Promise<void> {
    this.#state = 'busy'
    await working
    if (this.#state !== 'busy') return
    this.#state = 'ready'
    this.resume()
  }
}
