export { NatterChat } from './element/define.ts'
export type { FailureStage, NatterChatEventMap, NatterChatEvents } from './element/events.ts'
export type { TokenProvider } from './client/types.ts'
export type { Theme } from './element/chat-attributes.ts'
