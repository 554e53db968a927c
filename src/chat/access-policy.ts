import type { AppUser } from './app-user.ts'

/** What a user does in a room. `moderate`: to delete what others wrote. */
export type Action = 'read' | 'post' | 'react' | 'edit' | 'delete' | 'moderate'

/** What an app says a room is. */
export interface RoomDetails {
  /** What people call the room. Without it they see its name. */
  readonly title?: string | undefined
  /** The ids of the users who may read it. Without it `authorize` alone decides. */
  readonly members?: readonly string[] | undefined
}

type Answer<T> = T | PromiseLike<T>

/** What an app decides about its rooms. What is left out decides nothing: everyone may read and write in every room, and change what is theirs. `U`: a user as the app knows them. `R`: what it says a room is. */
export interface AccessPolicy<U extends AppUser = AppUser, R extends RoomDetails = RoomDetails> {
  /** Whether `user` may do that in `room`. What it throws, and silence, are a no. */
  readonly authorize?: ((user: U, action: Action, room: string, details: R) => Answer<boolean>) | undefined
  /** What the room of that name is to `user`; nullish where there is none. Asked when a connection first uses it. */
  readonly resolveRoom?: ((room: string, user: U) => Answer<R | null | undefined>) | undefined
  /** Milliseconds that the app has for an answer. */
  readonly timeoutMs: number
}
