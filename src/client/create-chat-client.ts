import type { ChatClient, ChatClientOptions } from './types.ts'

/** A client of the chat at `options.url`. */
export function createChatClient(_options: ChatClientOptions): ChatClient {
  throw new Error('being written')
}
