import { effect, signal } from '@preact/signals'
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { RefObject } from 'preact'
import type { ConnectionState, RoomHold } from '../../client/types.ts'
import type { Limits } from '../../protocol/limits.ts'
import type { User } from '../../protocol/message.ts'
import { roomUrl } from '../text/room-url.ts'
import { RoomModel } from './room-model.ts'
import type { RoomList } from './room-list.ts'
import type { Banner, SharedChat } from './shared-chat.ts'

/** What stands over the chat: one thing at a time, opened from `anchor`. */
export type Overlay =
  | { readonly kind: 'members' | 'profile' | 'rooms'; readonly anchor: Element }
  | { readonly kind: 'menu' | 'emoji' | 'delete'; readonly anchor: Element; readonly uid: string }

/** What a chat on the screen asks of what it stands in. */
export interface ChatSurroundings {
  /** Asked before the user's message is sent: false keeps it in the box. */
  readonly allowsSending: (text: string) => boolean
  /** Takes the user to another room. */
  readonly go: (room: string) => void
  /** Puts the chat out of sight; undefined where it cannot be. */
  readonly hide: (() => void) | undefined
  /** Whether the user may change rooms. */
  readonly hasRoomList: ReadonlySignal<boolean>
}

export interface ChatModelOptions {
  readonly shared: SharedChat
  readonly room: string
  /** Where the chat's pages are. */
  readonly baseUrl: string
  readonly surroundings: ChatSurroundings
}

/** One user's chat as one element shows it: a room of it, and what the user is about there. */
export class ChatModel {
  readonly connection: ReadonlySignal<ConnectionState>
  readonly user: ReadonlySignal<User | undefined>
  readonly limits: ReadonlySignal<Limits>
  readonly banner: ReadonlySignal<Banner | undefined>
  readonly handle: Signal<string | undefined>
  readonly today: ReadonlySignal<number>
  readonly rooms: RoomList
  readonly isGuest: ReadonlySignal<boolean>
  readonly room: RoomModel
  readonly baseUrl: string
  readonly surroundings: ChatSurroundings
  readonly overlay = signal<Overlay | undefined>(undefined)
  /** The box that the user writes in, for whoever hands the focus back to it. */
  readonly composer: RefObject<HTMLTextAreaElement | null> = { current: null }

  readonly #shared: SharedChat
  readonly #hold: RoomHold
  readonly #stopVisiting: () => void

  /** @throws {RangeError} where no room can have that name. */
  constructor({ shared, room, baseUrl, surroundings }: ChatModelOptions) {
    this.#shared = shared
    this.#hold = shared.client.hold(room)
    this.room = new RoomModel(this.#hold.room, shared.memory)
    this.baseUrl = baseUrl
    this.surroundings = surroundings
    this.connection = shared.connection
    this.user = shared.user
    this.limits = shared.limits
    this.banner = shared.banner
    this.handle = shared.handle
    this.today = shared.today
    this.rooms = shared.rooms
    this.isGuest = shared.isGuest
    this.#stopVisiting = effect(() => {
      if (this.room.state.value.status === 'live') shared.rooms.visit(room)
    })
  }

  /** Sends what the user wrote, unless the page objects. Returns whether it was sent. */
  send(text: string): boolean {
    if (!this.surroundings.allowsSending(text)) return false
    this.room.send(text)
    return true
  }

  setHandle(name: string): void {
    this.#shared.setHandle(name)
  }

  connect(): void {
    this.#shared.client.connect()
  }

  /** Where the lobby is, for whoever may change rooms. */
  get lobbyUrl(): string | undefined {
    return this.surroundings.hasRoomList.value ? this.baseUrl : undefined
  }

  /** The page of a room. */
  urlOf(room: string): string {
    return roomUrl(this.baseUrl, room)
  }

  close(): void {
    this.#stopVisiting()
    this.room.dispose()
    this.#hold.release()
  }
}
