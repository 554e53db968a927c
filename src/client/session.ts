import type { WelcomeEvent } from '../protocol/events.ts'
import { ChatError } from '../protocol/errors.ts'
import { DEFAULT_LIMITS } from '../protocol/limits.ts'
import type { Limits } from '../protocol/limits.ts'
import type { User } from '../protocol/message.ts'
import { cleanName } from '../protocol/names.ts'
import type { Introduction } from './connection.ts'
import { createDeferred } from './deferred.ts'
import type { ClientEnvironment } from './environment.ts'
import { acquireLock } from './locks.ts'
import type { SafeStorage } from './storage.ts'
import type { ChatClientOptions } from './types.ts'

/** What the operator's log calls this SDK, unless the application says what it is. */
export const SDK = { name: 'natter-client', version: '0.1.0' }

/** The name of the record, and of the lock, that the tabs of one guest share. */
const GUEST = 'guest'
/** Milliseconds to wait for another tab that is becoming a guest, in case it is frozen. */
const LOCK_TIMEOUT_MS = 5_000

interface GuestRecord {
  readonly user: User
  readonly guestToken: string
}

/** Who the user is, to the server and after a reload. */
export class Session {
  readonly #options: Pick<ChatClientOptions, 'token' | 'client'>
  readonly #storage: SafeStorage
  readonly #environment: Pick<ClientEnvironment, 'locks' | 'setTimer'>
  readonly #lockName: string
  #guest: GuestRecord | undefined
  isGuest: boolean
  name: string | undefined
  user: User | undefined
  limits: Limits = DEFAULT_LIMITS

  constructor(options: ChatClientOptions, url: string, storage: SafeStorage, environment: ClientEnvironment) {
    this.#options = options
    this.#storage = storage
    this.#environment = environment
    this.#lockName = `natter:${url}:${GUEST}`
    this.name = options.name
    this.isGuest = options.token === undefined
    if (options.token === undefined) this.user = this.#findGuest()?.user
  }

  /** What to say hello with. Rejects where the application's `token()` does, with `unauthorized` where it has none. */
  async introduce(refused: boolean): Promise<Introduction> {
    const { token, client = SDK } = this.#options
    if (token !== undefined) return { hello: { client, token: await this.fetchToken(refused) }, onSettled: () => {} }

    // Tabs that open together without a token would become different guests: the first one gets it, the others wait and use it.
    const onSettled = this.#findGuest() === undefined ? await this.#lockGuest() : () => {}
    // How long it may be is not known before the first welcome; the server says if it is too long.
    const name = cleanName(this.name ?? '') || undefined
    return { hello: { client, name, guestToken: this.#findGuest()?.guestToken }, onSettled }
  }

  /** The application's newest token. Rejects with `unauthorized` where it has none. */
  async fetchToken(refused: boolean): Promise<string> {
    const token = await this.#options.token?.(refused)
    if (token === undefined) throw new ChatError('unauthorized', 'nobody is signed in')
    return token
  }

  welcomed({ user, limits, guestToken }: WelcomeEvent): void {
    this.user = user
    this.limits = limits
    this.isGuest = guestToken !== undefined
    if (guestToken === undefined) return
    this.#guest = { user, guestToken }
    this.#storage.set(GUEST, this.#guest)
  }

  // Another tab may have become another guest meanwhile, so the shared record comes before what this tab remembers.
  #findGuest(): GuestRecord | undefined {
    return (this.#storage.find(GUEST) as GuestRecord | undefined) ?? this.#guest
  }

  async #lockGuest(): Promise<() => void> {
    const { locks, setTimer } = this.#environment
    const { promise: timedOut, resolve } = createDeferred<undefined>()
    const stopTimer = setTimer(() => resolve(undefined), LOCK_TIMEOUT_MS)
    const acquired = acquireLock(locks, this.#lockName)
    const release = await Promise.race([acquired, timedOut])
    stopTimer()
    return release ?? (async () => (await acquired)?.())
  }
}
