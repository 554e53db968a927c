import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { inspect } from 'node:util'
import { WebSocket } from 'ws'
import type { CommandType } from '../../src/protocol/commands.ts'
import type { ErrorCode } from '../../src/protocol/errors.ts'
import { EVENTS } from '../../src/protocol/event-schemas.ts'
import type {
  AckEvent,
  Answer,
  ChangeEvent,
  ChangesEvent,
  ErrorEvent,
  JoinedEvent,
  ServerEvent,
  WelcomeEvent,
} from '../../src/protocol/events.ts'
import { SUBPROTOCOL } from '../../src/protocol/limits.ts'
import type { Position } from '../../src/protocol/message.ts'
import { Mailbox } from './mailbox.ts'
import type { Closed } from './mailbox.ts'
import { newKey } from './target.ts'

type EventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>

/** A command as a test sends it: any fields, since wrong ones are to be tried too. */
export interface SentCommand {
  readonly type: CommandType
  readonly [field: string]: unknown
}

/** One end of a bare WebSocket that speaks `natter.v1`, and nothing by itself: it neither retries nor resumes. */
export class Peer {
  readonly ws: WebSocket
  readonly #mailbox: Mailbox<ServerEvent>
  #lastId = 0

  constructor(ws: WebSocket) {
    this.ws = ws
    this.#mailbox = new Mailbox(ws)
  }

  /** An open connection on which nothing has been said yet. Cut when the test ends. */
  static async connect(t: TestContext, url: string): Promise<Peer> {
    const ws = new WebSocket(url, [SUBPROTOCOL])
    t.after(() => ws.terminate())
    const peer = new Peer(ws)
    await once(ws, 'open')
    return peer
  }

  /** Sends a command under the next id. Returns the id. */
  send(command: SentCommand): number {
    this.ws.send(JSON.stringify({ ...command, id: ++this.#lastId }))
    return this.#lastId
  }

  /** Sends one frame as it is: a string as text, bytes as a binary frame. */
  sendRaw(frame: string | Uint8Array): void {
    this.ws.send(frame)
  }

  /** Sends a command and takes its answer, which must be of that type. */
  async ask<T extends Answer['type']>(type: T, command: SentCommand): Promise<EventOf<T>> {
    return this.answer(type, this.send(command))
  }

  /** Takes the answer to the command of that id, which must be of that type. */
  async answer<T extends Answer['type']>(type: T, id: number): Promise<EventOf<T>> {
    const answer = await this.answerOf(id)
    assert.ok(isOf(type, answer), `command ${id} should be answered by "${type}", not ${inspect(answer)}`)
    return answer
  }

  /** Takes the answer to the command of that id, whatever it is. */
  async answerOf(id: number): Promise<Answer> {
    const answer = await this.#mailbox.take(`the answer to command ${id}`, (event) => 'id' in event && event.id === id)
    assert.ok('id' in answer)
    assertAsPublished(answer)
    return answer
  }

  /** Sends a command and takes the error that it must be refused with. */
  async refusal(code: ErrorCode, command: SentCommand): Promise<ErrorEvent> {
    const error = await this.ask('error', command)
    assert.equal(error.code, code, inspect(error))
    return error
  }

  /** Takes the next error that names no command. */
  async complaint(): Promise<ErrorEvent> {
    return this.next('error', ({ id }) => id === undefined)
  }

  /** Takes the next event of that type that `matches`. */
  async next<T extends ServerEvent['type']>(
    type: T,
    matches: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    const event = await this.#mailbox.take(`"${type}"`, (candidate) => isOf(type, candidate) && matches(candidate))
    assert.ok(isOf(type, event))
    assertAsPublished(event)
    return event
  }

  /** Takes the next event that brings changes, live or to catch up on. */
  async nextChanges(): Promise<ChangeEvent | ChangesEvent> {
    const event = await this.#mailbox.take('a change', bringsChanges)
    assert.ok(bringsChanges(event))
    return event
  }

  /** What arrived of one type, and was not taken. */
  untaken<T extends ServerEvent['type']>(type: T): EventOf<T>[] {
    return this.#mailbox.untaken.filter((event) => isOf(type, event))
  }

  /** How the server ended the connection, once it did. */
  ended(): Promise<Closed> {
    return this.#mailbox.ended()
  }

  async hello(fields: Readonly<Record<string, unknown>> = { name: 'Ada' }): Promise<WelcomeEvent> {
    return this.ask('welcome', { type: 'hello', ...fields })
  }

  async join(room: string, since?: Position): Promise<JoinedEvent> {
    return this.ask('joined', { type: 'join', room, ...(since && { since }) })
  }

  async post(room: string, text: string): Promise<AckEvent> {
    return this.ask('ack', { type: 'post', room, key: newKey(), text })
  }
}

/** A peer that has said hello as `name`. */
export async function greet(t: TestContext, url: string, name = 'Ada'): Promise<Peer> {
  const peer = await Peer.connect(t, url)
  await peer.hello({ name })
  return peer
}

/** A peer that has said hello as `name`, and is in `room`. */
export async function enter(t: TestContext, url: string, room: string, name = 'Ada'): Promise<Peer> {
  const peer = await greet(t, url, name)
  await peer.join(room)
  return peer
}

/** Fails where an event has a field that its published schema lacks, or lacks one that it has. */
function assertAsPublished(event: ServerEvent): void {
  assert.deepEqual(EVENTS[event.type].parse(event), event)
}

function isOf<T extends ServerEvent['type']>(type: T, event: ServerEvent): event is EventOf<T> {
  return event.type === type
}

function bringsChanges(event: ServerEvent): event is ChangeEvent | ChangesEvent {
  return event.type === 'change' || event.type === 'changes'
}
