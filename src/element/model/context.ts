import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ChatModel } from './chat-model.ts'

export const ChatContext = createContext<ChatModel | undefined>(undefined)

/** The chat that the component is part of. */
export function useChat(): ChatModel {
  const chat = useContext(ChatContext)
  if (!chat) throw new Error('outside of a chat')
  return chat
}
