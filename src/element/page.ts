import { NatterChat } from './natter-chat.tsx'

NatterChat.define()
