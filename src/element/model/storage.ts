/** What a chat keeps in the browser over reloads, by name. Where the browser keeps nothing, it is kept until the page goes; it never throws. */
export interface Memory {
  read(name: string): string | undefined
  /** `undefined` or an empty value forgets it. */
  write(name: string, value: string | undefined): void
  /** The names that begin with `start`. */
  names(start: string): string[]
  /** Calls `listener` when another tab wrote `name`. Returns what ends that. */
  watch(name: string, listener: (value: string | undefined) => void): () => void
  /** Calls `listener` with each name that is written, here or in another tab. Returns what ends that. */
  watchAll(listener: (name: string, value: string | undefined) => void): () => void
}

/** The memory of the chat at `url`: two chats of one origin do not share theirs. */
export function openMemory(url: string): Memory {
  const storage = findStorage() ?? new PageStorage()
  const prefix = `natter:${url}:`
  const listeners = new Set<(name: string, value: string | undefined) => void>()

  function watchStorage(listener: (name: string, value: string | undefined) => void): () => void {
    const onStorage = ({ key, newValue, storageArea }: StorageEvent): void => {
      if (storageArea === storage && key?.startsWith(prefix)) listener(key.slice(prefix.length), newValue ?? undefined)
    }
    addEventListener('storage', onStorage)
    return () => removeEventListener('storage', onStorage)
  }

  return {
    read: (name) => storage.getItem(prefix + name) ?? undefined,
    write(name, value) {
      try {
        if (value) storage.setItem(prefix + name, value)
        else storage.removeItem(prefix + name)
      } catch {
        // It is full. What is on the screen stays there; a reload will not bring it back.
      }
      for (const listener of listeners) listener(name, value || undefined)
    },
    names: (start) =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
        .filter((key) => key.startsWith(prefix + start))
        .map((key) => key.slice(prefix.length)),
    watch: (name, listener) => watchStorage((written, value) => written === name && listener(value)),
    watchAll(listener) {
      listeners.add(listener)
      const endStorage = watchStorage(listener)
      return () => {
        listeners.delete(listener)
        endStorage()
      }
    },
  }
}

type StorageLike = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>

/** Reading the property throws where the user or a sandbox forbids it. */
function findStorage(): StorageLike | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

/** Stands in where the browser keeps nothing: a draft then still outlives a change of rooms. */
class PageStorage implements StorageLike {
  readonly #values = new Map<string, string>()

  get length(): number {
    return this.#values.size
  }

  key(index: number): string | null {
    return [...this.#values.keys()][index] ?? null
  }

  getItem(name: string): string | null {
    return this.#values.get(name) ?? null
  }

  setItem(name: string, value: string): void {
    this.#values.set(name, value)
  }

  removeItem(name: string): void {
    this.#values.delete(name)
  }
}
