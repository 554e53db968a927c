import type { User } from '../protocol/message.ts'
import type { RoomDetails } from './access-policy.ts'
import type { AppUser } from './app-user.ts'
import type { MaybePromise } from './identity.ts'

/** A message that a user is about to post, or the text they are about to give one. Plain data: keep it to release it later. */
export interface AskedMessage {
  readonly kind: 'post' | 'edit'
  readonly room: string
  /** Names this message among those of its author in the room: the same one asked about again has the same key. */
  readonly key: string
  readonly author: User
  /** What the author wrote. */
  readonly text: string
  /** Of a post: the message it answers. */
  readonly replyTo?: string
  /** Of an edit: the message that is to be changed. */
  readonly messageId?: string
}

/** What an app makes of a message: nothing lets it through as it is. */
export type Verdict =
  | undefined
  | void
  /** Stored with another text. */
  | { readonly text: string }
  /** Not stored; the sender is told why. */
  | { readonly refuse: string }
  /** Not stored for now; the sender is told why. The app keeps the message, and releases it when it will. */
  | { readonly hold: string }
  /** Not stored before so many milliseconds have passed, up to a day; the sender is told why, and the app is asked again then. */
  | { readonly mute: string; readonly forMs: number }

/** Asks an app about messages before they are stored. `U`: a user as the app knows them. `R`: what it says a room is. */
export type BeforeMessage<U extends AppUser = AppUser, R extends RoomDetails = RoomDetails> = (
  message: AskedMessage,
  context: { readonly user: U; readonly room: R },
) => MaybePromise<Verdict>

export interface MessageHook {
  readonly beforeMessage: BeforeMessage
  /** Milliseconds that the app has for an answer. */
  readonly timeoutMs: number
  /** What becomes of a message that the app failed to say something about, or was late to. */
  readonly onFailure: 'refuse' | 'allow'
}
