import type { NatterChatEventMap } from '../element.ts'

/** The events of the element, by the prop that listens to each. */
export const EVENTS = {
  onMessage: 'message',
  onUnread: 'unread',
  onStatus: 'status',
  onSignInRequired: 'signinrequired',
  onBeforeSend: 'beforesend',
  onRoomChange: 'roomchange',
  onError: 'error',
  onToggle: 'toggle',
} as const satisfies Record<string, keyof NatterChatEventMap>
