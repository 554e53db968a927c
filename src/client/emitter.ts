import type { Unsubscribe } from './types.ts'

type Listener = (...args: never[]) => void

/** Listeners by the name of what they listen to. `Events` maps each name to the listener's type. */
export class Emitter<Events extends { [Name in keyof Events]: Listener }> {
  readonly #listeners = new Map<keyof Events, readonly Listener[]>()

  /** The same function may listen several times. */
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): Unsubscribe {
    const call: Listener = (...args) => listener(...args)
    this.#listeners.set(name, [...this.#of(name), call])
    return () =>
      void this.#listeners.set(
        name,
        this.#of(name).filter((other) => other !== call),
      )
  }

  emit<Name extends keyof Events>(name: Name, ...args: Parameters<Events[Name]>): void {
    for (const listener of this.#of(name)) {
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

  #of(name: keyof Events): readonly Listener[] {
    return this.#listeners.get(name) ?? []
  }
}
