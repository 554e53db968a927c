import type { Message } from '../protocol/message.ts'
import type { AppUser } from './app-user.ts'
import type { OnError, WriteKind } from './observer.ts'

/**
 * What an app can hear of from its chat, each on the process where it happens. `U`: a user as the app knows them.
 *
 * A message and a change are told once in all processes, after they are in the log, by the process that put them there; should that one die in
 * this very moment, they are not. What must not be missed is read from the log. What listeners return is waited for by nobody.
 *
 * Those that one process stores of one message it tells in their order. What came over a socket is told once it was sent to everybody in the
 * room, or some turns of the event loop after it was stored where rooms are never quiet: a `close` may come before what that connection said last.
 */
export interface ChatEvents<U extends AppUser = AppUser> {
  /** A message was posted. */
  message: (event: { readonly room: string; readonly message: Message }) => unknown
  /** A message was posted, edited, deleted or reacted to: here it is as it now stands. */
  change: (event: { readonly room: string; readonly kind: WriteKind; readonly message: Message }) => unknown
  /** A user's connection has said hello. */
  open: (event: { readonly user: U; readonly connectionId: string }) => unknown
  /** A connection that had said hello ended. */
  close: (event: { readonly user: U; readonly connectionId: string; readonly code: number }) => unknown
  /** A user's first connection to this process entered a room. */
  join: (event: { readonly user: U; readonly room: string }) => unknown
  /** A user's last one left it, three seconds ago: a page that is loaded again is no leaving. */
  leave: (event: { readonly user: U; readonly room: string }) => unknown
}

export type ChatEventName = keyof ChatEvents
type EventOf<Name extends ChatEventName> = Parameters<ChatEvents[Name]>[0]
type Listener = (event: never) => unknown

/** Tells the app what happens. What its listeners throw is their fault, and nobody else's trouble. */
export class AppEvents {
  readonly #onError: OnError
  readonly #listeners = new Map<ChatEventName, Set<{ readonly listener: Listener }>>()

  constructor(onError: OnError) {
    this.#onError = onError
  }

  /** Returns what takes the listener away again. */
  on<Name extends ChatEventName>(name: Name, listener: ChatEvents[Name]): () => void {
    const entry = { listener: listener as Listener }
    const entries = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, entries.add(entry))
    return () => entries.delete(entry)
  }

  /** Whether anybody listens, for whom an event would have to be made. */
  hasListeners(name: ChatEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends ChatEventName>(name: Name, event: EventOf<Name>): void {
    for (const { listener } of this.#listeners.get(name) ?? []) void this.#tell(name, listener, event)
  }

  /** A listener may be asynchronous; nobody waits for it. */
  async #tell(name: ChatEventName, listener: Listener, event: unknown): Promise<void> {
    try {
      await listener(event as never)
    } catch (error) {
      this.#onError(error, { stage: `telling the app of "${name}"` })
    }
  }
}
