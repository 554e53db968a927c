import type { TestContext } from 'node:test'
import assert from 'node:assert/strict'
import type {
  Append,
  Appended,
  Backend,
  BackendEnvironment,
  BroadcastListener,
  CatchUp,
  Change,
  RoomListener,
  StoredMessage,
} from '../../src/backend/backend.ts'
import { nodeEnvironment } from '../../src/backend/environment.ts'
import type { Key, MessageId, RoomId, Seq, Tag, UserId } from '../../src/protocol/ids.ts'
import type { ResetReason } from '../../src/protocol/events.ts'
import type { Position } from '../../src/protocol/message.ts'

/** A log that a test has for itself. */
export interface TestLog {
  /** Opens a backend on it. One at a time. */
  open(environment?: BackendEnvironment, forRestore?: boolean): Promise<Backend>
  /** Removes what is left of it. */
  remove(): Promise<void>
}
export type LogFactory = () => Promise<TestLog>

export const TEA = 'tea' as RoomId
export const COFFEE = 'coffee' as RoomId
export const ADA = 'u_ada' as UserId
export const BOB = 'u_bob' as UserId

/** A backend on a new log; both are gone after the test. */
export async function openBackend(
  t: TestContext,
  createLog: LogFactory,
  environment: Partial<BackendEnvironment> = {},
): Promise<Backend> {
  const log = await createLog()
  const backend = await log.open({ ...nodeEnvironment, ...environment })
  t.after(async () => {
    await backend.close()
    await log.remove()
  })
  return backend
}

let written = 0

/** A write that no other test makes: by Ada, in the tea room, unless told otherwise. */
export function write(text: string, changes: Partial<Append> = {}): Append {
  const number = String(++written).padStart(8, '0')
  return {
    room: TEA,
    sender: ADA,
    key: `key-${number}` as Key,
    digest: `digest of ${text}`,
    messageId: `m${number}` as MessageId,
    body: JSON.stringify({ text }),
    ...changes,
  }
}

/** Appends what must be taken, and returns its position and message. */
export async function append(backend: Backend, one: Append): Promise<Extract<Appended, { status: 'appended' }>> {
  return taken(await backend.append(one))
}

export function taken(appended: Appended): Extract<Appended, { status: 'appended' }> {
  assert.ok(appended.status === 'appended', `the append was refused: ${appended.status}`)
  return appended
}

/** Appends messages one after the other; returns their ids. */
export async function fill<const Texts extends readonly string[]>(
  backend: Backend,
  texts: Texts,
  room: RoomId = TEA,
): Promise<{ [Index in keyof Texts]: MessageId }> {
  const writes = texts.map((text) => write(text, { room }))
  for (const one of writes) await append(backend, one)
  return writes.map(({ messageId }) => messageId) as { [Index in keyof Texts]: MessageId }
}

/** A change to a message that stands at `rev`. */
export function edit(messageId: MessageId, rev: number, text: string): Append {
  return write(text, { messageId, rev: rev as Seq })
}

export function textOf({ body }: Pick<StoredMessage, 'body'>): string {
  return (JSON.parse(body) as { text: string }).text
}

export function textsOf(messages: readonly StoredMessage[]): string[] {
  return messages.map(textOf)
}

export function resumed(caughtUp: CatchUp): Extract<CatchUp, { status: 'resumed' }> {
  assert.ok(caughtUp.status === 'resumed', `the position was refused: ${JSON.stringify(caughtUp)}`)
  return caughtUp
}

/** The position before a room's first change. */
export async function start(backend: Backend, room: RoomId = TEA): Promise<Position> {
  const { epoch } = await backend.head(room)
  return { epoch, seq: 0 as Seq, tag: '' as Tag }
}

/** Everything the log has, by rev. */
export async function readAll(backend: Backend, room: RoomId = TEA): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = []
  for (let position = await start(backend, room); ;) {
    const page = resumed(await backend.readChanges(room, position, 1_000))
    messages.push(...page.messages)
    position = page.position
    if (position.seq === page.head.seq) return messages
  }
}

/** Something that is told things, and can be waited for. */
class Awaited {
  readonly #waiting = new Set<() => void>()

  /** Resolves once `holds`: what is no change may take its time to a listener. */
  async until(holds: (recorder: this) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  protected wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** A listener that remembers what it was told. */
export class Recorder extends Awaited implements RoomListener {
  readonly changes: Change[] = []
  readonly signals: string[] = []
  readonly markers: [UserId, Seq][] = []
  readonly resets: ResetReason[] = []
  memberChanges = 0

  get texts(): string[] {
    return this.changes.map(({ message }) => textOf(message))
  }

  get seqs(): number[] {
    return this.changes.map(({ position }) => position.seq)
  }

  onChange(change: Change): void {
    this.changes.push(change)
    this.wake()
  }

  onSignal(payload: string): void {
    this.signals.push(payload)
    this.wake()
  }

  onMembers(): void {
    this.memberChanges++
    this.wake()
  }

  onMarker(user: UserId, seq: Seq): void {
    this.markers.push([user, seq])
    this.wake()
  }

  onReset(reason: ResetReason): void {
    this.resets.push(reason)
    this.wake()
  }
}

/** A broadcast listener that remembers what it was told. */
export class BroadcastRecorder extends Awaited implements BroadcastListener {
  readonly heard: string[] = []
  timesDeaf = 0

  onBroadcast(payload: string): void {
    this.heard.push(payload)
    this.wake()
  }

  onDeaf(): void {
    this.timesDeaf++
    this.wake()
  }
}

/** An operator who remembers what they were told. */
export class NoticeRecorder extends Awaited {
  readonly notices: string[] = []

  readonly onNotice = (notice: string): void => {
    this.notices.push(notice)
    this.wake()
  }

  /** Resolves once the newest notice is one of these. */
  async newest(pattern: RegExp): Promise<void> {
    await this.until(({ notices }) => pattern.test(notices.at(-1) ?? ''))
  }
}

/** 1, 2, … `end`. */
export function seqsTo(end: number, from = 1): number[] {
  return Array.from({ length: end - from + 1 }, (_, index) => from + index)
}
