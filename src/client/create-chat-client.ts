import type { HeartbeatEvent, ServerEvent, WelcomeEvent } from '../protocol/events.ts'
import { isRoomId } from '../protocol/ids.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { User } from '../protocol/message.ts'
import { ChatError } from '../protocol/errors.ts'
import { Connection } from './connection.ts'
import { Emitter } from './emitter.ts'
import { Outbox } from './outbox.ts'
import { createPlatformEnvironment } from './platform.ts'
import type { RoomHost } from './room.ts'
import { LiveRoom } from './room.ts'
import { RoomHolds } from './room-holds.ts'
import { Session } from './session.ts'
import { SafeStorage } from './storage.ts'
import type {
  ChatClient,
  ChatClientOptions,
  ChatEvents,
  ConnectionState,
  Room,
  RoomHold,
  Unsubscribe,
} from './types.ts'
import { createKeyMaker } from './uuidv7.ts'

/**
 * A client of the chat at `options.url`.
 *
 * @throws {TypeError} where that is not the address of a chat.
 */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new Client(options)
}

class Client implements ChatClient {
  readonly #emitter = new Emitter<ChatEvents>()
  readonly #updates = new Emitter<{ update: () => void }>()
  readonly #rooms = new Map<RoomId, LiveRoom>()
  readonly #session: Session
  readonly #connection: Connection
  readonly #outbox: Outbox
  readonly #host: RoomHost
  readonly #isGuest: boolean
  readonly #holds: RoomHolds

  constructor(options: ChatClientOptions) {
    const url = parseUrl(options.url)
    const environment = { ...createPlatformEnvironment(), ...options.environment }
    const onError: ChatEvents['error'] = (error, context) => this.#emitter.emit('error', error, context)
    const storage = new SafeStorage(environment.storage, `natter:${url}:`, (error) =>
      onError(error, { stage: 'storage' }),
    )
    const makeKey = createKeyMaker(environment)
    this.#holds = new RoomHolds(environment)

    this.#isGuest = options.token === undefined
    this.#session = new Session(options, url, storage, environment)
    this.#connection = new Connection(url, environment, {
      introduce: (refused) => this.#session.introduce(refused),
      fetchToken: (refused) => this.#session.fetchToken(refused),
      onUnauthorized: (error, final) => this.#emitter.emit('unauthorized', error, { final }),
      onState: (state) => this.#entered(state),
      onNameRefused: (error) => {
        this.#session.name = undefined
        onError(error, { stage: 'name' })
      },
      onWelcome: (welcome) => this.#welcomed(welcome),
      onEvent: (event) => this.#receive(event),
      onLost: () => this.#lost(),
      onError,
      probe: () => this.#rooms.values().next().value?.probe(),
    })
    this.#outbox = new Outbox({
      tab: makeKey(),
      lockPrefix: `natter:${url}:tab:`,
      storage,
      environment,
      owner: this.#session.user?.id,
      request: (write, onAnswer) => this.#connection.request(write, onAnswer),
    })
    this.#host = {
      environment,
      session: this.#session,
      connection: this.#connection,
      outbox: this.#outbox,
      makeKey,
      forget: (room) => this.#rooms.delete(room.name),
    }
  }

  get state(): ConnectionState {
    return this.#connection.state
  }

  get user(): User | undefined {
    return this.#session.user
  }

  get isGuest(): boolean {
    return this.#session.isGuest
  }

  get limits(): Limits {
    return this.#session.limits
  }

  room(name: string): Room {
    if (!isRoomId(name)) {
      throw new RangeError(
        `a room's name is 1 to 64 letters, digits and . _ : ~ -, the first a letter or digit; got "${name}"`,
      )
    }
    const known = this.#rooms.get(name)
    if (known !== undefined) return known
    const room = new LiveRoom(name, this.#host)
    this.#rooms.set(name, room)
    if (this.state.status === 'open') room.connected()
    else if (this.state.status === 'idle') this.connect()
    return room
  }

  hold(name: string): RoomHold {
    return this.#holds.hold(this.room(name))
  }

  setName(name: string): void {
    this.#session.name = name
    if (this.#isGuest && this.state.status !== 'idle') this.#connection.connect()
  }

  connect(): void {
    const { status } = this.state
    if (status !== 'open' && status !== 'connecting') this.#connection.connect()
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#updates.on('update', listener)
  }

  on<Name extends keyof ChatEvents>(name: Name, listener: ChatEvents[Name]): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  close(): void {
    this.#connection.stop('closed')
    for (const room of this.#rooms.values()) room.leave()
    this.#outbox.close()
  }

  #welcomed(welcome: WelcomeEvent): void {
    const before = this.#session.user?.id
    this.#session.welcomed(welcome)
    if (before === welcome.user.id) return
    this.#outbox.setOwner(welcome.user.id, this.#isGuest)
    for (const room of this.#rooms.values()) room.startAnew()
  }

  #entered(state: ConnectionState): void {
    if (state.status === 'open') {
      for (const room of this.#rooms.values()) room.connected()
      this.#outbox.connected()
    }
    this.#emitter.emit('state', state)
    this.#updates.emit('update')
  }

  #lost(): void {
    for (const room of this.#rooms.values()) room.lost()
    this.#outbox.lost()
  }

  #receive(event: ServerEvent): void {
    if (event.type === 'heartbeat') this.#beat(event)
    else if (event.type === 'error')
      this.#emitter.emit('error', new ChatError(event.code, event.message), { stage: 'protocol' })
    else if ('room' in event) this.#rooms.get(event.room)?.receive(event)
  }

  #beat({ heads }: HeartbeatEvent): void {
    for (const [name, room] of this.#rooms) room.compare(heads[name])
    void this.#outbox.adopt()
  }
}

function parseUrl(url: string | URL): string {
  const base = typeof document === 'undefined' ? undefined : document.baseURI
  let parsed: URL | undefined
  try {
    parsed = new URL(url, base)
  } catch {
    // Told below, with what it should have been.
  }
  if (parsed === undefined || !/^(ws|http)s?:$/.test(parsed.protocol)) {
    throw new TypeError(`options.url must be the address of a chat, such as wss://chat.example/; got "${url}"`)
  }
  parsed.protocol = parsed.protocol.replace('http', 'ws')
  parsed.hash = ''
  return parsed.href
}
