import { effect, untracked } from '@preact/signals'
import type { ConnectionState } from '../client/types.ts'
import { dispatch } from './events.ts'
import type { FailureStage } from './events.ts'
import type { ChatModel } from './model/chat-model.ts'
import type { SharedChat } from './model/shared-chat.ts'

/**
 * Tells the page, by events of `element`, what happens in its chat from now on. Returns what ends that.
 *
 * @param state What the page knows of the connection.
 */
export function tellPage(element: Element, shared: SharedChat, chat: ChatModel, state: ConnectionState): () => void {
  const room = chat.room.room.name
  let unread = chat.room.unread.peek()
  const stops = [
    shared.client.on('error', (error, { stage }) => tellError(element, error, stage)),
    chat.room.room.on('message', (message, { live }) => dispatch(element, 'message', { room, message, live })),
    effect(() => {
      const before = state
      state = chat.connection.value
      if (state !== before) untracked(() => tellStatus(element, state, shared.refusal))
    }),
    effect(() => {
      const before = unread
      unread = chat.room.unread.value
      const isSame = unread.count === before.count && unread.isPartial === before.isPartial
      if (!isSame) untracked(() => dispatch(element, 'unread', { room, ...unread }))
    }),
  ]
  return () => stops.forEach((stop) => stop())
}

export function tellError(element: Element, error: unknown, stage: FailureStage): void {
  // The chat works without its storage, and shows what a name, a room or a lost connection does.
  if (dispatch(element, 'error', { error, stage }) && stage === 'token') reportError(error)
}

function tellStatus(element: Element, state: ConnectionState, refusal: string): void {
  dispatch(element, 'status', state)
  if (state.status === 'stopped' && state.reason === 'unauthorized')
    dispatch(element, 'signinrequired', { message: refusal })
}
