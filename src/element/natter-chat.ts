import { signal } from '@preact/signals'
import { h, render } from 'preact'
import type { ChatClient, ConnectionState, Sending, TokenProvider } from '../client/types.ts'
import type { User } from '../protocol/message.ts'
import { ChatAttributes } from './chat-attributes.ts'
import { Shown } from './components/shown.tsx'
import { dispatch } from './events.ts'
import { identityOf } from './identity.ts'
import { ChatModel } from './model/chat-model.ts'
import { leaseChat } from './model/shared-chats.ts'
import type { ChatLease } from './model/shared-chats.ts'
import css from './natter-chat.css'
import { adoptStyle } from './styles/adopt-style.ts'
import { tellError, tellPage } from './tell-page.ts'

/** Properties that a page may have set before the browser knew the element. */
const PROPERTIES = ['client', 'name', 'open', 'popup', 'room', 'rooms', 'src', 'theme', 'tokenProvider', 'tokenUrl']

/**
 * A chat room that fills its box, or that a button in the corner of the page opens.
 *
 * Attributes, all of them live, and properties of the same names:
 * - `src`: where the chat is mounted, such as `/chat` or `https://chat.example/`. Defaults to the root of the page's own site.
 * - `room`: the room's name. Defaults to `lobby`.
 * - `name`: a guest's handle, where the page knows it. Without it the user chooses one.
 * - `token-url` (`tokenUrl`): an address of the page's own site that answers with a token for the signed-in user.
 * - `theme`: `auto`, `light` or `dark`. By default, and as `auto`, the reader's own choice.
 * - `popup`: a button in the corner of the page instead, with the number of unread messages; `open` shows the chat.
 * - `rooms`: the user may change to other rooms that they know.
 * - `autofocus`: takes the focus once it is there.
 */
export class NatterChat extends ChatAttributes {
  /** Makes the browser know the element. Does nothing where another copy of this script did so already. */
  static define(tagName = 'natter-chat'): void {
    if (!customElements.get(tagName)) customElements.define(tagName, NatterChat)
  }

  #tokenProvider: TokenProvider | undefined
  #client: ChatClient | null | undefined
  #lease: ChatLease | undefined
  #chat: ChatModel | undefined
  /** Whether there is a chat, or a reason why not, on the screen. */
  #isOpen = false
  #stopTelling = (): void => {}
  /** Asked for before there was anything to focus. */
  #wantsFocus = false
  readonly #hasRoomList = signal(false)

  /**
   * Returns what proves who the user is, fresh each time; goes before `token-url`. Elements of one `src` that have the same function
   * share a connection, another function is another user.
   */
  get tokenProvider(): TokenProvider | undefined {
    return this.#tokenProvider
  }

  set tokenProvider(value: TokenProvider | undefined) {
    if (value === this.#tokenProvider) return
    this.#tokenProvider = value
    this.#reconnect()
  }

  /**
   * A client of the page's own, to talk through instead of one that the element makes; it stays the page's to close. `null` waits for one.
   * Reads what is in use.
   */
  get client(): ChatClient | undefined {
    return this.#client ?? this.#lease?.chat.client
  }

  set client(value: ChatClient | null | undefined) {
    if (value === this.#client) return
    this.#client = value
    if (value === null) this.#close()
    else if (this.#isOpen) this.#reconnect()
    else this.#ensureOpen()
  }

  /** Who the user is: as the server said last, undefined before that. */
  get user(): User | undefined {
    return this.client?.user
  }

  /** How the connection is. */
  get status(): ConnectionState['status'] {
    return this.client?.state.status ?? 'idle'
  }

  /** Messages by others that the user has not read, of those known here. */
  get unread(): number {
    return this.#chat?.room.unread.peek().count ?? 0
  }

  /**
   * Sends a message as the user, without asking `beforesend`. What becomes of it is seen in the chat, and in what this returns.
   *
   * @throws {ChatError} `text_blank`, `text_too_long` or `bad_text` where the server would never take it.
   * @throws {DOMException} `InvalidStateError` where the element is in no document, or its room cannot be.
   */
  post(text: string): Sending {
    this.#ensureOpen()
    if (!this.#chat) throw new DOMException('natter-chat is not connected to a room', 'InvalidStateError')
    return this.#chat.room.room.post(text)
  }

  /** The user has read everything there is. */
  markRead(): void {
    this.#chat?.room.markRead()
  }

  /** Connects now: after `signinrequired`, once the user has signed in, or instead of waiting for the next attempt. */
  connect(): void {
    this.#chat?.connect()
  }

  /** Shows the chat of a popup, and takes the focus there. */
  show(): void {
    this.open = true
    this.focus()
  }

  /** Puts the chat of a popup away. The focus goes back to its button, if it was in the chat. */
  hide(): void {
    const hadFocus = this.shadowRoot?.activeElement !== null
    this.open = false
    if (hadFocus) this.focus()
  }

  /** Focuses where the user writes, or the button of a popup that is not open. */
  override focus(options?: FocusOptions): void {
    this.#ensureOpen()
    const target = this.shadowRoot?.querySelector<HTMLElement>('.composer :is(input, textarea), .launcher')
    this.#wantsFocus = !target
    target?.focus(options)
  }

  connectedCallback(): void {
    for (const name of PROPERTIES) this.#takeUp(name)
    if (this.#isOpen) return this.#chat?.room.keepPlace()
    // Not at once: whoever made the element may be about to set its properties.
    queueMicrotask(() => this.#ensureOpen())
  }

  disconnectedCallback(): void {
    // Not at once: it may be on its way to another place in the document.
    setTimeout(() => {
      if (!this.isConnected) this.#close()
    })
  }

  /** Keeps a browser that can move an element without taking it out from calling the two above. */
  connectedMoveCallback(): void {
    this.#chat?.room.keepPlace()
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    this.#hasRoomList.value = this.rooms
    // Attributes that the element came with are read when it is opened.
    if (!this.#isOpen || before === after) return
    if (name === 'src' || name === 'token-url') this.#reconnect()
    else if (name === 'room') this.#enterRoom()
    else if (name === 'name') this.#rename()
    else if (name === 'popup') this.#enterRoom()
    else if (name === 'open') this.#showOrHide()
  }

  #ensureOpen(): void {
    if (this.#isOpen || !this.isConnected || this.#client === null) return
    // First of all: where there can be no chat, what stands in the element stays on the screen.
    this.#lease = this.#leaseChat()
    this.#isOpen = true
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    adoptStyle(root, css)
    this.#enterRoom()
    if (this.hasAttribute('autofocus') && matchMedia('(pointer: fine)').matches) this.focus()
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#leaveRoom()
    if (this.shadowRoot) render(null, this.shadowRoot)
    this.#lease?.release()
    this.#lease = undefined
  }

  /** The user or the chat is another one. */
  #reconnect(): void {
    if (!this.#isOpen) return
    const before = this.#lease
    this.#lease = this.#leaseChat()
    this.#enterRoom()
    before?.release()
  }

  #leaseChat(): ChatLease {
    return leaseChat(this.src, identityOf(this, this.#client, this.#tokenProvider), this.name)
  }

  /** Shows the room, whatever was shown before. The connection stays. */
  #enterRoom(): void {
    const shared = this.#lease?.chat
    if (!shared) return
    const before = this.#chat
    const state = shared.connection.peek()
    let chat: ChatModel | undefined
    let fault: RangeError | undefined
    try {
      chat = new ChatModel({
        shared,
        room: this.room,
        baseUrl: this.src,
        surroundings: {
          allowsSending: (text) => dispatch(this, 'beforesend', { room: this.room, text }),
          go: (room) => this.#go(room),
          hide: this.popup ? () => this.hide() : undefined,
          hasRoomList: this.#hasRoomList,
        },
      })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      fault = error
    }
    this.#leaveRoom(before)
    this.#chat = chat
    if (chat) this.#stopTelling = tellPage(this, shared, chat, state)
    this.#draw()
    if (fault) tellError(this, fault, 'room')
  }

  #leaveRoom(chat = this.#chat): void {
    this.#stopTelling()
    this.#stopTelling = () => {}
    if (this.shadowRoot) render(null, this.shadowRoot)
    chat?.close()
    this.#chat = undefined
  }

  #go(room: string): void {
    this.room = room
    this.focus()
    dispatch(this, 'roomchange', { room })
  }

  #rename(): void {
    const { name } = this
    if (name !== undefined && this.#chat?.isGuest.peek()) this.#chat.setHandle(name)
  }

  #showOrHide(): void {
    if (!this.popup) return
    if (this.open) this.#chat?.room.land()
    this.#draw()
    const [oldState, newState] = this.open ? ['closed', 'open'] : ['open', 'closed']
    this.dispatchEvent(new ToggleEvent('toggle', { oldState, newState }))
  }

  #draw(): void {
    const root = this.shadowRoot
    if (!root) return
    const popup = {
      isOpen: this.open,
      onShow: () => this.show(),
      onHide: () => this.hide(),
      onReady: () => {
        if (this.#wantsFocus) this.focus()
      },
    }
    const shown = {
      chat: this.#chat,
      room: this.room,
      lobbyUrl: this.rooms ? this.src : undefined,
      popup: this.popup ? popup : undefined,
    }
    render(h(Shown, shown), root)
  }

  /** What was set on the element before its class was known hides the property: it is set again, where it is heard of. */
  #takeUp(property: string): void {
    if (!Object.hasOwn(this, property)) return
    const value: unknown = Reflect.get(this, property)
    Reflect.deleteProperty(this, property)
    Reflect.set(this, property, value)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'natter-chat': NatterChat
  }
}
