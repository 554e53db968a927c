import type { Unsubscribe } from './types.ts'

/** Listeners by the name of what they listen to. `Events` maps each name to the listener's type. */
export class Emitter<Events extends { [Name in keyof Events]: (...args: never[]) => void }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never[]) => void>>()

  /** The same function may listen several times. */
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): Unsubscribe {
    const call = (...args: never[]): void => listener(...args)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(call))
    return () => void listeners.delete(call)
  }

  emit<Name extends keyof Events>(name: Name, ...args: Parameters<Events[Name]>): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...(args as never[]))
      } catch (error) {
        // A listener's fault is the application's to hear of, as an uncaught error; the others, and the SDK, go on.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
