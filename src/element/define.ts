import { NatterChat } from './natter-chat.ts'

// One script tag is all a page needs. On a server there is nothing to define it in.
if (globalThis.customElements) NatterChat.define()

export { NatterChat }
