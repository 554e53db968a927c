import { computed, signal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import type { ChatClient, ConnectionState, StopReason } from '../../client/types.ts'
import type { Limits } from '../../protocol/limits.ts'
import type { User } from '../../protocol/message.ts'
import { nextDay } from '../text/times.ts'
import { RoomList } from './room-list.ts'
import type { Memory } from './storage.ts'

/** A connection that is back before this many milliseconds have passed was never gone for whoever looks at the page. */
const BANNER_DELAY_MS = 2_000

/** The name of what is remembered of users of an app, and not of guests. */
const ACCOUNT = 'account'

export type Banner =
  { readonly kind: 'connecting' | 'reconnecting' } | { readonly kind: 'stopped'; readonly reason: StopReason }

export interface SharedChatOptions {
  readonly client: ChatClient
  readonly memory: Memory
  /** What the user wants to be called; undefined while they have not said. */
  readonly handle: string | undefined
}

/** One user's chat with one server: what all the elements of a page that show it have in common. */
export class SharedChat {
  readonly client: ChatClient
  readonly memory: Memory
  /** Whether the user may choose what they are called. */
  readonly isGuest: ReadonlySignal<boolean>
  readonly connection: ReadonlySignal<ConnectionState>
  readonly user: ReadonlySignal<User | undefined>
  readonly limits: ReadonlySignal<Limits>
  readonly banner: ReadonlySignal<Banner | undefined>
  /** The handle that the user chose; undefined for one that speaks under the name the server made up. */
  readonly handle = signal<string | undefined>(undefined)
  /** Now, as far as days go: changes at midnight. */
  readonly today = signal(Date.now())
  readonly rooms: RoomList
  /** Why the server last wanted to know who the user is. */
  refusal = ''

  readonly #disposers: (() => void)[]
  #bannerTimer: ReturnType<typeof setTimeout> | undefined
  #midnightTimer: ReturnType<typeof setTimeout> | undefined

  constructor({ client, memory, handle }: SharedChatOptions) {
    this.client = client
    this.memory = memory
    this.handle.value = handle
    this.rooms = new RoomList(memory)

    const connection = signal(client.state)
    const user = signal(client.user)
    // Asking for a handle and taking the question back would move the page: who was no guest on the last visit is taken for none.
    const isGuest = signal(client.isGuest && memory.read(ACCOUNT) === undefined)
    const limits = signal(client.limits)
    this.connection = connection
    this.user = user
    this.isGuest = isGuest
    this.limits = limits
    const isLate = signal(false)
    let wasOpen = false
    const watchConnection = (): void => {
      connection.value = client.state
      user.value = client.user
      limits.value = client.limits
      if (client.state.status === 'open') {
        wasOpen = true
        isGuest.value = client.isGuest
        memory.write(ACCOUNT, client.isGuest ? undefined : 'app')
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
      client.on('unauthorized', ({ message }) => (this.refusal = message)),
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
    this.memory.write('handle', name)
    this.client.setName(name)
  }

  /** Lets go of the client, which is not this one's to close. */
  close(): void {
    clearTimeout(this.#bannerTimer)
    clearTimeout(this.#midnightTimer)
    for (const dispose of this.#disposers) dispose()
    this.rooms.close()
  }

  /** The server does not take it: the user is asked again. */
  #forgetHandle(): void {
    this.handle.value = undefined
    this.memory.write('handle', undefined)
  }

  /** The user chose another handle in another tab. */
  #follow(name: string | undefined): void {
    this.handle.value = name
    if (name !== undefined) this.client.setName(name)
  }

  #watchMidnight(): void {
    const now = Date.now()
    this.today.value = now
    this.#midnightTimer = setTimeout(() => this.#watchMidnight(), nextDay(now) - now)
  }
}
