/** What the SDK takes from the platform, so that whole systems can run on a simulated clock and network. */
export interface ClientEnvironment {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** From 0 up to 1: spreads reconnects. */
  random(): number
  /** `length` random bytes: makes keys unique. */
  randomBytes(length: number): Uint8Array
  /** Runs `task` after `delayMs`, or later where the platform throttles. Returns what stops it. */
  setTimer(task: () => void, delayMs: number): () => void
  openSocket(url: string, subprotocol: string): ClientSocket
  /** Calls `listener` whenever waiting may have become pointless: the network is back, the page is shown again. Returns what ends that. */
  onWake(listener: (reason: WakeReason) => void): () => void
  /** Keeps unsent messages and the guest's identity over reloads. `undefined` keeps both in memory. Defaults to a page's `localStorage`. */
  readonly storage: ClientStorage | undefined
  /** Lets the tabs that share a storage tell who of them is alive. Defaults to `navigator.locks` where there is a storage. */
  readonly locks: ClientLocks | undefined
}

export type WakeReason = 'online' | 'visible'

/** The part of `WebSocket` that is used. */
export interface ClientSocket {
  readonly protocol: string
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
  send(frame: string): void
  close(code?: number): void
}

/** The part of `Storage` that is used. Its methods may throw. */
export interface ClientStorage {
  readonly length: number
  key(index: number): string | null
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

/** The part of `LockManager` that is used: runs `task` while the lock is held, with null where it was not to be had at once. */
export interface ClientLocks {
  request(
    name: string,
    options: { readonly ifAvailable?: boolean },
    task: (lock: object | null) => Promise<void> | void,
  ): Promise<unknown>
}
