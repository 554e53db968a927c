import { closeAdvice, CLOSE } from '../protocol/close.ts'
import type { Command, HelloCommand } from '../protocol/commands.ts'
import { ChatError } from '../protocol/errors.ts'
import type { Answer, ServerEvent, WelcomeEvent } from '../protocol/events.ts'
import { HEARTBEAT_MS, SILENCE_MS } from '../protocol/limits.ts'
import { retryDelayMs } from './backoff.ts'
import { isTransient } from './entry.ts'
import type { ClientEnvironment, WakeReason } from './environment.ts'
import { Link } from './link.ts'
import { isSignedOut, Renewal } from './renewal.ts'
import type { ChatEvents, ConnectionState, StopReason } from './types.ts'

/** Milliseconds after which a connection has held: what ends it then is not what ended the ones before it. */
const HELD_MS = 10_000
/** The least wait where the server said to come back later, in milliseconds. */
const LATER_MS = 5_000
/** Milliseconds that a connection which may have died unnoticed is given to show that it lives. */
const PROBE_TIMEOUT_MS = 3_000
/** Milliseconds after which an application that has not produced a token is asked again. */
const INTRODUCE_TIMEOUT_MS = 30_000

type WithoutId<Type> = Type extends unknown ? Omit<Type, 'id'> : never
/** A command, whichever connection carries it. */
export type Request = WithoutId<Exclude<Command, HelloCommand>>

/** What a connection says hello with. */
export interface Introduction {
  readonly hello: Omit<HelloCommand, 'type' | 'id'>
  /** Called once the hello was answered, or never will be. */
  readonly onSettled: () => void
}

export interface ConnectionHandlers {
  /** `refused`: the last token was. */
  introduce(refused: boolean): Promise<Introduction>
  /** What to prove the user with from now on. */
  fetchToken(refused: boolean): Promise<string>
  onState(state: ConnectionState): void
  /** The server takes the user, but not under the name of the hello. Called before `onWelcome`. */
  onNameRefused(error: ChatError): void
  onWelcome(welcome: WelcomeEvent): void
  /** Everything but answers. */
  onEvent(event: ServerEvent): void
  /** An open connection is no longer. Requests without an answer get none. */
  onLost(): void
  /** The server does not take the token. Where that is `final`, the client stops over it. */
  onUnauthorized(error: ChatError, final: boolean): void
  onError: ChatEvents['error']
  /** A harmless request, whose answer shows that the connection lives. */
  probe(): Request | undefined
}

/** Connects, and after each loss comes back as the close code and the protocol say. */
export class Connection {
  readonly #url: string
  readonly #environment: ClientEnvironment
  readonly #handlers: ConnectionHandlers
  readonly #answers = new Map<number, (answer: Answer) => void>()
  #state: ConnectionState = { status: 'idle' }
  #lastId = 0
  #link: Link | undefined
  #introduction: Introduction | undefined
  /** Why the hello was refused that had a name, until the one without it is answered. */
  #nameRefusal: ChatError | undefined
  /** Counts the attempts to connect: an asynchronous step of an older one goes no further. */
  #turn = 0
  #attempt = 0
  #openedAt = 0
  #tokenRefused = false
  /** Set by `goodbye`: when to come back, in milliseconds after the end. */
  #retryInMs: number | undefined
  /** Whether the wait is the server's wish: being awake again does not end it. */
  #mustWait = false
  #stopWaiting = (): void => {}
  readonly #renewal: Renewal
  readonly #stopWaking: () => void

  constructor(url: string, environment: ClientEnvironment, handlers: ConnectionHandlers) {
    this.#url = url
    this.#environment = environment
    this.#handlers = handlers
    this.#renewal = new Renewal(environment, {
      fetchToken: (refused) => handlers.fetchToken(refused),
      request: (request, onAnswer) => this.request(request, onAnswer),
      onRefused: (error, final) => this.#refuseToken(error, final),
      onOtherUser: () => this.connect(),
      onFault: (error) => handlers.onError(error, { stage: 'token' }),
    })
    this.#stopWaking = environment.onWake((reason) => this.#wake(reason))
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Connects now, whatever the state is; an open connection is replaced. */
  connect(): void {
    if (this.#state.status === 'stopped' && this.#state.reason === 'closed') return
    this.#abandon()
    const turn = ++this.#turn
    this.#enter({ status: 'connecting', attempt: this.#attempt })
    this.#stopWaiting = this.#environment.setTimer(() => this.#introduceAgain(), INTRODUCE_TIMEOUT_MS)
    void this.#introduce(turn)
  }

  /** Sends a command. `onAnswer` is not called when the connection is lost first; unless it is open, nothing happens. */
  request(request: Request, onAnswer: (answer: Answer) => void): void {
    if (this.#link === undefined || this.#state.status !== 'open') return
    const id = ++this.#lastId
    this.#answers.set(id, onAnswer)
    this.#link.send({ ...request, id })
  }

  stop(reason: StopReason): void {
    this.#abandon()
    this.#turn++
    if (reason === 'closed') this.#stopWaking()
    this.#enter({ status: 'stopped', reason })
  }

  async #introduce(turn: number): Promise<void> {
    try {
      const introduction = await this.#handlers.introduce(this.#tokenRefused)
      if (turn === this.#turn) this.#open(introduction)
      else introduction.onSettled()
    } catch (error) {
      if (turn !== this.#turn) return
      if (isSignedOut(error)) return this.#refuseToken(error, true)
      this.#handlers.onError(error, { stage: 'token' })
      this.#attempt++
      this.#wait(this.#backOffMs())
    }
  }

  #introduceAgain(): void {
    const error = new Error('no token came in 30 seconds')
    this.#handlers.onError(error, { stage: 'token' })
    this.connect()
  }

  #open(introduction: Introduction): void {
    this.#stopWaiting()
    this.#introduction = introduction
    this.#lastId = 1
    const { onError } = this.#handlers
    try {
      const link: Link = new Link(this.#url, this.#environment, {
        onOpen: () => link.send({ type: 'hello', id: 1, ...introduction.hello }),
        onEvent: (event) => this.#receive(event),
        onEnd: (code) => this.#end(code),
        onError: (error) => onError(error, { stage: 'connect' }),
      })
      this.#link = link
    } catch (error) {
      onError(error, { stage: 'connect' })
      this.#end(0)
    }
  }

  #receive(event: ServerEvent): void {
    if (event.type === 'welcome') return this.#welcome(event)
    if (event.type === 'goodbye') this.#retryInMs = event.retryInMs
    else if (this.#state.status !== 'open') this.#refuse(event)
    else if (!('id' in event) || event.id === undefined) this.#handlers.onEvent(event)
    else {
      const onAnswer = this.#answers.get(event.id)
      this.#answers.delete(event.id)
      onAnswer?.(event)
    }
  }

  #welcome(welcome: WelcomeEvent): void {
    this.#tokenRefused = false
    if (this.#nameRefusal) this.#handlers.onNameRefused(this.#nameRefusal)
    this.#nameRefusal = undefined
    this.#openedAt = this.#environment.now()
    this.#handlers.onWelcome(welcome)
    this.#settle()
    this.#enter({ status: 'open', user: welcome.user })
    this.#renewal.start(welcome.expiresInMs)
  }

  /** The server did not take a token, and perhaps neither the one after it; or there is none. */
  #refuseToken(error: ChatError, final: boolean): void {
    this.#handlers.onUnauthorized(error, final)
    if (final) this.stop('unauthorized')
  }

  /** The hello was not taken. A refused token is followed by a close that says so. */
  #refuse(event: ServerEvent): void {
    if (event.type !== 'error') return
    const error = new ChatError(event.code, event.message)
    if (event.code === 'unauthorized') return this.#handlers.onUnauthorized(error, this.#tokenRefused)
    const hello = this.#introduction?.hello
    if (hello?.name !== undefined && this.#nameRefusal === undefined && event.code.startsWith('bad_')) {
      // It may be the name, by a rule or a limit of which this client does not know yet: that keeps nobody out.
      this.#nameRefusal = error
      this.#link?.send({ type: 'hello', id: ++this.#lastId, ...hello, name: undefined })
      return
    }
    this.#handlers.onError(error, { stage: 'connect' })
    if (!isTransient(event.code) && event.code !== 'internal') return this.stop('protocol')
    const { retryAfterMs = 0 } = event
    this.#abandon()
    this.#attempt++
    this.#wait(Math.max(retryAfterMs, this.#backOffMs()), retryAfterMs > 0)
  }

  #end(code: number): void {
    const retryInMs = this.#retryInMs
    const held = this.#state.status === 'open' && this.#environment.now() - this.#openedAt >= HELD_MS
    this.#abandon()
    this.#attempt = held ? 0 : this.#attempt + 1
    switch (closeAdvice(code)) {
      case 'stop':
        return this.stop(code === CLOSE.forbidden.code ? 'forbidden' : 'protocol')
      case 'token':
        if (this.#tokenRefused) return this.stop('unauthorized')
        this.#tokenRefused = true
        return this.connect()
      case 'later':
        return this.#wait(LATER_MS + this.#backOffMs(), true)
      case 'reconnect':
        return this.#wait(retryInMs ?? this.#backOffMs(), retryInMs !== undefined)
    }
  }

  #backOffMs(): number {
    return retryDelayMs(this.#attempt, this.#environment.random())
  }

  #wait(retryInMs: number, must = false): void {
    this.#stopWaiting()
    this.#mustWait = must
    this.#stopWaiting = this.#environment.setTimer(() => this.connect(), retryInMs)
    this.#enter({ status: 'waiting', attempt: this.#attempt, retryInMs, retryAt: this.#environment.now() + retryInMs })
  }

  #wake(reason: WakeReason): void {
    const state = this.#state
    if (state.status === 'waiting') {
      if (!this.#mustWait || this.#environment.now() >= state.retryAt) this.connect()
    } else if (state.status === 'connecting') {
      // What was begun without a network may hang until the system gives up on it.
      if (reason === 'online') this.connect()
    } else if (state.status === 'open') this.#check(reason)
  }

  #check(reason: WakeReason): void {
    const silentForMs = this.#link?.silentForMs() ?? 0
    if (silentForMs >= SILENCE_MS) return this.connect()
    if (reason !== 'online' && silentForMs < HEARTBEAT_MS) return
    const probe = this.#handlers.probe()
    if (probe === undefined) return this.connect()
    this.request(probe, () => {})
    this.#link?.probe(PROBE_TIMEOUT_MS)
  }

  /** Leaves whatever there was of a connection or a wait. The next state is the caller's. */
  #abandon(): void {
    this.#stopWaiting()
    this.#renewal.stop()
    this.#link?.drop()
    this.#link = undefined
    this.#retryInMs = undefined
    this.#nameRefusal = undefined
    this.#answers.clear()
    this.#settle()
    if (this.#state.status === 'open') this.#handlers.onLost()
  }

  #settle(): void {
    this.#introduction?.onSettled()
    this.#introduction = undefined
  }

  #enter(state: ConnectionState): void {
    this.#state = state
    this.#handlers.onState(state)
  }
}
