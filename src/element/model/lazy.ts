import { signal } from '@preact/signals'

export interface Lazy<Value> {
  /** Undefined until it is there. A component that reads it is drawn again then. */
  readonly value: Value | undefined
  /** Starts loading, if nobody did. */
  request(): void
}

/** Something that the first sight of a chat does without. `load` imports it. */
export function lazy<Value>(load: () => Promise<Value>): Lazy<Value> {
  const loaded = signal<Value | undefined>(undefined)
  let isRequested = false

  async function request(): Promise<void> {
    if (isRequested) return
    isRequested = true
    try {
      loaded.value = await load()
    } catch {
      // The network went away in between: again when it is back.
      isRequested = false
      addEventListener('online', () => void request(), { once: true })
    }
  }

  return {
    get value() {
      return loaded.value
    },
    request: () => void request(),
  }
}
