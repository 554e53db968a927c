import { computed, signal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import type { RefObject } from 'preact'
import type { ChatClient, ConnectionState, StopReason } from '../../client/types.ts'
import type { Limits } from '../../protocol/limits.ts'
import type { User } from '../../protocol/message.ts'
import { nextDay } from '../text/times.ts'
import { RoomModel } from './room-model.ts'
import type { Memory } from './storage.ts'

/** A connection that is back before this many milliseconds have passed was never gone for whoever looks at the page. */
const BANNER_DELAY_MS = 2_000

/** What stands over the chat: one thing at a time, opened from `anchor`. */
export type Overlay =
  | { readonly kind: 'members' | 'profile'; readonly anchor: Element }
  | { readonly kind: 'menu' | 'emoji' | 'delete'; readonly anchor: Element; readonly uid: string }

export type Banner =
  { readonly kind: 'connecting' | 'reconnecting' } | { readonly kind: 'stopped'; readonly reason: StopReason }

export interface ChatModelOptions {
  readonly client: ChatClient
  readonly memory: Memory
  /** What the user wants to be called; undefined while they have not said. */
  readonly handle: string | undefined
  readonly room: string
  /** Where the chat's first room is. */
  readonly lobbyUrl: string
}

/** One user's chat as the screen shows it. */
export class ChatModel {
  readonly connection: ReadonlySignal<ConnectionState>
  readonly user: ReadonlySignal<User | undefined>
  readonly limits: ReadonlySignal<Limits>
  readonly banner: ReadonlySignal<Banner | undefined>
  readonly room: RoomModel
  readonly lobbyUrl: string
  readonly overlay = signal<Overlay | undefined>(undefined)
  /** The box that the user writes in, for whoever hands the focus back to it. */
  readonly composer: RefObject<HTMLTextAreaElement | null> = { current: null }
  /** The handle that the user chose; undefined for one that speaks under the name the server made up. */
  readonly handle = signal<string | undefined>(undefined)
  /** Now, as far as days go: changes at midnight. */
  readonly today = signal(Date.now())

  readonly #client: ChatClient
  readonly #memory: Memory
  readonly #disposers: (() => void)[]
  #bannerTimer: ReturnType<typeof setTimeout> | undefined
  #midnightTimer: ReturnType<typeof setTimeout> | undefined

  /** @throws {RangeError} where no room can have that name. */
  constructor({ client, memory, handle, room, lobbyUrl }: ChatModelOptions) {
    this.#client = client
    this.#memory = memory
    this.lobbyUrl = lobbyUrl
    this.handle.value = handle
    this.room = new RoomModel(client.room(room), memory)

    const connection = signal(client.state)
    const user = signal(client.user)
    const limits = signal(client.limits)
    this.connection = connection
    this.user = user
    this.limits = limits
    const isLate = signal(false)
    let wasOpen = false
    const watchConnection = (): void => {
      connection.value = client.state
      user.value = client.user
      limits.value = client.limits
      if (client.state.status === 'open') {
        wasOpen = true
        isLate.value = false
        clearTimeout(this.#bannerTimer)
        this.#bannerTimer = undefined
      } else {
        this.#bannerTimer ??= setTimeout(() => (isLate.value = true), BANNER_DELAY_MS)
      }
    }
    watchConnection()
    this.banner = computed(() => {
      if (connection.value.status === 'stopped') return { kind: 'stopped', reason: connection.value.reason }
      return isLate.value ? { kind: wasOpen ? 'reconnecting' : 'connecting' } : undefined
    })
    this.#disposers = [
      client.subscribe(watchConnection),
      client.on('error', (_error, { stage }) => {
        if (stage === 'name') this.#forgetHandle()
      }),
      memory.watch('handle', (name) => this.#follow(name)),
    ]
    this.#watchMidnight()
  }

  /** From now on the user is known as `name`, here and on the next visit. */
  setHandle(name: string): void {
    this.handle.value = name
    this.#memory.write('handle', name)
    this.#client.setName(name)
  }

  connect(): void {
    this.#client.connect()
  }

  close(): void {
    clearTimeout(this.#bannerTimer)
    clearTimeout(this.#midnightTimer)
    for (const dispose of this.#disposers) dispose()
    this.room.dispose()
    this.#client.close()
  }

  /** The server does not take it: the user is asked again. */
  #forgetHandle(): void {
    this.handle.value = undefined
    this.#memory.write('handle', undefined)
  }

  /** The user chose another handle in another tab. */
  #follow(name: string | undefined): void {
    this.handle.value = name
    if (name !== undefined) this.#client.setName(name)
  }

  #watchMidnight(): void {
    const now = Date.now()
    this.today.value = now
    this.#midnightTimer = setTimeout(() => this.#watchMidnight(), nextDay(now) - now)
  }
}
