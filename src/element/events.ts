import type { ChatEvents, ConnectionState, StoredMessage } from '../client/types.ts'

/** During what something failed: as the client says it; `room` where no room can have the name that the page gave. */
export type FailureStage = Parameters<ChatEvents['error']>[1]['stage'] | 'room'

/** What `<natter-chat>` tells the page, with the `detail` of each event. All of them bubble, and leave shadow trees. */
export interface NatterChatEvents {
  /** A message was posted in the room, by anybody; each once, in order. `live` is false for one that was missed. */
  readonly message: { readonly room: string; readonly message: StoredMessage; readonly live: boolean }
  /** The number of messages that the user has not read is another one. `isPartial`: there may be more. */
  readonly unread: { readonly room: string; readonly count: number; readonly isPartial: boolean }
  /** The connection is in another state. */
  readonly status: ConnectionState
  /** The server wants to know who the user is, and there is no token that it takes: sign in, then call `connect()`. */
  readonly signinrequired: { readonly message: string }
  /** The user is about to send this. `preventDefault()` keeps it in the box, unsent. */
  readonly beforesend: { readonly room: string; readonly text: string }
  /** The user went to another room. */
  readonly roomchange: { readonly room: string }
  /** Something failed. Unless `preventDefault()` is called, what concerns a token is reported as an uncaught error of the page. */
  readonly error: { readonly error: unknown; readonly stage: FailureStage }
}

export type NatterChatEventMap = Omit<HTMLElementEventMap, keyof NatterChatEvents> & {
  readonly [Type in keyof NatterChatEvents]: CustomEvent<NatterChatEvents[Type]>
}

type Listener<Type extends keyof NatterChatEventMap> = (this: HTMLElement, event: NatterChatEventMap[Type]) => unknown

/** An element whose own events are typed as well. */
export interface EventfulElement extends HTMLElement {
  addEventListener<Type extends keyof NatterChatEventMap>(
    type: Type,
    listener: Listener<Type>,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void
  removeEventListener<Type extends keyof NatterChatEventMap>(
    type: Type,
    listener: Listener<Type>,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void
}

/** Returns whether nobody prevented it. */
export function dispatch<Type extends keyof NatterChatEvents>(
  target: Element,
  type: Type,
  detail: NatterChatEvents[Type],
): boolean {
  const cancelable = type === 'beforesend' || type === 'error'
  const event = new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable })
  // A window hears `message` from frames and workers, and `error` from scripts: what listens there expects another kind of event.
  const stop = (): void => event.stopPropagation()
  if (type === 'message' || type === 'error') target.ownerDocument.addEventListener(type, stop, { once: true })
  const isAllowed = target.dispatchEvent(event)
  target.ownerDocument.removeEventListener(type, stop)
  return isAllowed
}
