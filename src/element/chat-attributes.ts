import { LOBBY } from '../protocol/ids.ts'
import type { EventfulElement } from './events.ts'

export type Theme = 'auto' | 'light' | 'dark'

/** Where there is no document the class can still be imported and named, as servers that render pages do. */
const Base = (globalThis.HTMLElement ?? Object) as unknown as new () => EventfulElement

/** The attributes of `<natter-chat>`, and the properties that reflect them. */
export class ChatAttributes extends Base {
  static readonly observedAttributes = ['src', 'room', 'name', 'token-url', 'popup', 'open', 'rooms']

  get src(): string {
    return addressIn(this, 'src', '/')
  }

  set src(value: string | undefined) {
    this.#setOrRemove('src', value)
  }

  get room(): string {
    return this.getAttribute('room') ?? LOBBY
  }

  set room(value: string | undefined) {
    this.#setOrRemove('room', value)
  }

  get name(): string | undefined {
    return this.getAttribute('name') ?? undefined
  }

  set name(value: string | undefined) {
    this.#setOrRemove('name', value)
  }

  get tokenUrl(): string | undefined {
    return this.getAttribute('token-url') ?? undefined
  }

  set tokenUrl(value: string | undefined) {
    this.#setOrRemove('token-url', value)
  }

  get theme(): Theme {
    const theme = this.getAttribute('theme')
    return theme === 'light' || theme === 'dark' ? theme : 'auto'
  }

  set theme(value: Theme | undefined) {
    this.#setOrRemove('theme', value)
  }

  get popup(): boolean {
    return this.hasAttribute('popup')
  }

  set popup(value: boolean | undefined) {
    this.toggleAttribute('popup', value === true)
  }

  /** Whether a popup shows the chat. */
  get open(): boolean {
    return this.hasAttribute('open')
  }

  set open(value: boolean | undefined) {
    this.toggleAttribute('open', value === true)
  }

  get rooms(): boolean {
    return this.hasAttribute('rooms')
  }

  set rooms(value: boolean | undefined) {
    this.toggleAttribute('rooms', value === true)
  }

  #setOrRemove(attribute: string, value: string | undefined): void {
    if (value === undefined) this.removeAttribute(attribute)
    else this.setAttribute(attribute, value)
  }
}

/** @throws {TypeError} where that attribute is no address. */
export function addressIn(element: Element, attribute: string, byDefault: string): string {
  const address = element.getAttribute(attribute) ?? byDefault
  if (URL.canParse(address, document.baseURI)) return new URL(address, document.baseURI).href
  throw new TypeError(`natter-chat: the attribute ${attribute} is not an address`)
}
