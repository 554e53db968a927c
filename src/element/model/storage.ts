/** What a chat keeps in the browser over reloads, by name. Where the browser keeps nothing, neither does this; it never throws. */
export interface Memory {
  read(name: string): string | undefined
  /** `undefined` or an empty value forgets it. */
  write(name: string, value: string | undefined): void
  /** Calls `listener` when another tab wrote `name`. Returns what ends that. */
  watch(name: string, listener: (value: string | undefined) => void): () => void
}

/** The memory of the chat at `url`: two chats of one origin do not share theirs. */
export function openMemory(url: string): Memory {
  const storage = findStorage()
  const fullName = (name: string) => `natter:${url}:${name}`
  return {
    read: (name) => storage?.getItem(fullName(name)) ?? undefined,
    write(name, value) {
      try {
        if (value) storage?.setItem(fullName(name), value)
        else storage?.removeItem(fullName(name))
      } catch {
        // It is full. What is on the screen stays there; a reload will not bring it back.
      }
    },
    watch(name, listener) {
      const onStorage = ({ key, newValue, storageArea }: StorageEvent): void => {
        if (storageArea === storage && key === fullName(name)) listener(newValue ?? undefined)
      }
      addEventListener('storage', onStorage)
      return () => removeEventListener('storage', onStorage)
    },
  }
}

/** Reading the property throws where the user or a sandbox forbids it. */
function findStorage(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}
