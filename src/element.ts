export { NatterChat } from './element/natter-chat.tsx'
