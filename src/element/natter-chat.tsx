import { render } from 'preact'
import { createChatClient } from '../client/create-chat-client.ts'
import { LOBBY } from '../protocol/ids.ts'
import { App } from './components/app.tsx'
import { NoRoom } from './components/no-room.tsx'
import { ChatModel } from './model/chat-model.ts'
import { openMemory } from './model/storage.ts'
import css from './natter-chat.css'
import { adoptStyle } from './styles/adopt-style.ts'

/** Where there is no document the class can still be imported and named, as servers that render pages do. */
const Base = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement)

/**
 * A chat room that fills its box.
 *
 * Attributes, all of them live:
 * - `src`: where the chat is mounted, such as `/chat` or `https://chat.example/`. Defaults to the root of the page's own site.
 * - `room`: the room's name. Defaults to `lobby`.
 * - `name`: the user's handle, where the page knows it. Without it the user chooses one.
 * - `theme`: `light` or `dark`. By default the reader's own choice.
 * - `autofocus`: takes the focus once it is there.
 */
export class NatterChat extends Base {
  static readonly observedAttributes = ['src', 'room', 'name']

  /** Makes the browser know the element. Does nothing where another copy of this script did so already. */
  static define(tagName = 'natter-chat'): void {
    if (!customElements.get(tagName)) customElements.define(tagName, NatterChat)
  }

  #isOpen = false
  #chat: ChatModel | undefined

  get src(): string {
    return new URL(this.getAttribute('src') ?? '/', document.baseURI).href
  }

  set src(value: string) {
    this.setAttribute('src', value)
  }

  get room(): string {
    return this.getAttribute('room') ?? LOBBY
  }

  set room(value: string) {
    this.setAttribute('room', value)
  }

  get name(): string | undefined {
    return this.getAttribute('name') ?? undefined
  }

  set name(value: string | undefined) {
    if (value === undefined) this.removeAttribute('name')
    else this.setAttribute('name', value)
  }

  connectedCallback(): void {
    this.#open()
  }

  disconnectedCallback(): void {
    this.#close()
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    // Attributes that the element came with are read when it is connected.
    if (!this.#isOpen || before === after) return
    this.#close()
    this.#open()
  }

  #open(): void {
    this.#isOpen = true
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    adoptStyle(root, css)
    const memory = openMemory(this.src)
    const handle = this.name ?? memory.read('handle')
    const client = createChatClient({ url: this.src, name: handle })
    try {
      this.#chat = new ChatModel({ client, memory, handle, room: this.room, lobbyUrl: this.src })
    } catch (error) {
      client.close()
      if (!(error instanceof RangeError)) throw error
      render(<NoRoom code="room_not_found" lobbyUrl={this.src} />, root)
      return
    }
    render(<App chat={this.#chat} />, root)
    if (this.hasAttribute('autofocus') && matchMedia('(pointer: fine)').matches) focusFirst(root)
  }

  #close(): void {
    this.#isOpen = false
    if (this.shadowRoot) render(null, this.shadowRoot)
    this.#chat?.close()
    this.#chat = undefined
  }
}

/** The handle, while nobody has chosen one, else the message. */
function focusFirst(root: ShadowRoot): void {
  root.querySelector<HTMLElement>('.composer input, .composer textarea')?.focus()
}

declare global {
  interface HTMLElementTagNameMap {
    'natter-chat': NatterChat
  }
}
