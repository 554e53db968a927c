import type { ClientStorage } from '../../src/client.ts'

/** What `localStorage` is to the tabs of a browser; `isFull` makes it refuse what is written. */
export class SharedStorage implements ClientStorage {
  readonly #items = new Map<string, string>()
  isFull = false

  get length(): number {
    return this.#items.size
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null
  }

  getItem(name: string): string | null {
    return this.#items.get(name) ?? null
  }

  setItem(name: string, value: string): void {
    if (this.isFull) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
    this.#items.set(name, value)
  }

  removeItem(name: string): void {
    this.#items.delete(name)
  }

  /** The names of what is kept for the outbox. */
  get outbox(): string[] {
    return [...this.#items.keys()].filter((name) => name.includes(':outbox:'))
  }
}
