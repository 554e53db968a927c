import type { BroadcastListener } from './backend.ts'

/** Who on this process listens to broadcasts. */
export class Broadcasts {
  /** One entry per call of `listen()`, which may share a listener. */
  readonly #entries = new Set<{ readonly listener: BroadcastListener }>()

  /** Returns what takes the listener away again. */
  listen(listener: BroadcastListener): () => void {
    const entry = { listener }
    this.#entries.add(entry)
    return () => this.#entries.delete(entry)
  }

  send(payload: string): void {
    for (const { listener } of this.#entries) listener.onBroadcast(payload)
  }

  /** Tells that some may have been missed. */
  tellDeaf(): void {
    for (const { listener } of this.#entries) listener.onDeaf()
  }
}
