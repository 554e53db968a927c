import type { ClientStorage } from './environment.ts'

/** A storage that may be denied, full or absent: then nothing is kept, and the rest goes on. */
export class SafeStorage {
  readonly #storage: ClientStorage | undefined
  readonly #prefix: string
  readonly #onError: (error: unknown) => void

  /** All names begin with `prefix`, unseen by the callers. */
  constructor(storage: ClientStorage | undefined, prefix: string, onError: (error: unknown) => void) {
    this.#storage = storage
    this.#prefix = prefix
    this.#onError = onError
  }

  /** The parsed record of that name; undefined where there is none that can be read. */
  find(name: string): unknown {
    return this.#try((storage) => JSON.parse(storage.getItem(this.#prefix + name) ?? 'null') as unknown) ?? undefined
  }

  set(name: string, value: unknown): void {
    this.#try((storage) => storage.setItem(this.#prefix + name, JSON.stringify(value)))
  }

  remove(name: string): void {
    this.#try((storage) => storage.removeItem(this.#prefix + name))
  }

  /** The names that begin with `start`. */
  names(start: string): string[] {
    const names = this.#try((storage) => Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? ''))
    return (names ?? [])
      .filter((name) => name.startsWith(this.#prefix + start))
      .map((name) => name.slice(this.#prefix.length))
  }

  #try<Result>(task: (storage: ClientStorage) => Result): Result | undefined {
    try {
      return this.#storage && task(this.#storage)
    } catch (error) {
      this.#onError(error)
      return undefined
    }
  }
}
