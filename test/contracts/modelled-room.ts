import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import type { Append, Backend, StoredMessage } from '../../src/backend/backend.ts'
import type { Seq } from '../../src/protocol/ids.ts'
import type { Position } from '../../src/protocol/message.ts'
import { edit, Recorder, resumed, start, taken, TEA, write } from './backend-helpers.ts'

type WriteKind =
  /** A new message. */
  | 'post'
  /** A change to a message as it stands. */
  | 'edit'
  /** A change to a message as it does not stand. */
  | 'stale'
  /** A write that was taken, once more. */
  | 'again'

/** `pick` chooses among what there is by then. */
export type Step =
  | {
      readonly type: 'write in one turn'
      readonly writes: readonly { readonly kind: WriteKind; readonly pick: number }[]
    }
  | { readonly type: 'catch up'; readonly pick: number; readonly limit: number }
  | { readonly type: 'trim'; readonly pick: number }

export function historyOf(): fc.Arbitrary<Step[]> {
  const pick = fc.nat(1_000)
  const kind = fc.constantFrom<WriteKind>('post', 'post', 'edit', 'edit', 'stale', 'again')
  const writes = fc.array(fc.record({ kind, pick }), { minLength: 1, maxLength: 6 })
  const limit = fc.integer({ min: 1, max: 5 })
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ type: fc.constant('write in one turn' as const), writes }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('catch up' as const), pick, limit }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('trim' as const), pick }) },
    ),
    { maxLength: 30 },
  )
}

interface Taken {
  readonly append: Append
  readonly seq: number
}

/** A room of a backend, beside the simplest thing that behaves like one: a list of every state that a message was ever in. */
export class ModelledRoom {
  readonly #backend: Backend
  readonly #listener: Recorder
  /** By seq, from 1. */
  readonly #states: StoredMessage[] = []
  /** By seq, from 0. */
  readonly #positions: Position[]
  readonly #taken: Taken[] = []
  #trimmed = 0

  static async open(backend: Backend): Promise<ModelledRoom> {
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    return new ModelledRoom(backend, listener, await start(backend))
  }

  private constructor(backend: Backend, listener: Recorder, position: Position) {
    this.#backend = backend
    this.#listener = listener
    this.#positions = [position]
  }

  async take(step: Step): Promise<void> {
    if (step.type === 'catch up') return await this.#catchUp(step.pick % this.#positions.length, step.limit)
    if (step.type === 'trim') return await this.#trim(step.pick % this.#positions.length)
    await Promise.all(step.writes.map(({ kind, pick }) => this.#write(kind, pick)))
  }

  /** Compares all there is. */
  async check(): Promise<void> {
    const expected = this.#messages().toSorted((a, b) => a.seq - b.seq)
    const head = this.#positions.at(-1)
    assert.deepEqual(await this.#backend.readPage(TEA, { limit: 1_000 }), {
      messages: expected,
      hasOlder: false,
      hasNewer: false,
      head,
    })
    assert.deepEqual(
      this.#listener.changes,
      this.#states.map((message, index) => ({ position: this.#positions[index + 1], message })),
    )
    const byId = new Map(expected.map((message) => [message.id, message]))
    for (const { id } of this.#states) assert.deepEqual(await this.#backend.findMessage(TEA, id), byId.get(id))
    for (const since of this.#positions.keys()) await this.#catchUp(since, 7)
  }

  /** Writes and says what must come of it; both before the first answer, since the writes of a turn are one group. */
  async #write(kind: WriteKind, pick: number): Promise<void> {
    const messages = this.#messages()
    const message = messages[pick % messages.length]
    const earlier = this.#taken[pick % this.#taken.length]
    if (kind === 'again' && earlier) return await this.#repeat(earlier)
    if (!message || kind === 'post' || kind === 'again') return await this.#add(write(`post ${pick}`))
    if (kind === 'edit') return await this.#add(edit(message.id, message.rev, `edit ${pick}`), message)
    const rev = message.rev + (pick % 2 === 0 ? 1 : -1)
    assert.deepEqual(await this.#backend.append(edit(message.id, rev, 'stale')), { status: 'conflict' })
  }

  async #add(append: Append, changed?: StoredMessage): Promise<void> {
    const rev = (this.#states.length + 1) as Seq
    this.#states.push({ id: append.messageId, seq: changed?.seq ?? rev, rev, body: append.body })
    this.#taken.push({ append, seq: rev })
    const { position, duplicate, messageId } = taken(await this.#backend.append(append))
    assert.deepEqual([position.seq, duplicate, messageId], [rev, false, append.messageId])
    this.#positions[rev] = position
  }

  async #repeat({ append, seq }: Taken): Promise<void> {
    const { position, duplicate, messageId } = taken(await this.#backend.append(append))
    assert.deepEqual([position, duplicate, messageId], [this.#positions[seq], true, append.messageId])
  }

  async #trim(seq: number): Promise<void> {
    await this.#backend.trim(TEA, seq as Seq)
    this.#trimmed = Math.max(this.#trimmed, seq)
  }

  async #catchUp(since: number, limit: number): Promise<void> {
    let position = this.#positions[since]
    assert.ok(position)
    if (since < this.#trimmed) {
      return assert.deepEqual(await this.#backend.readChanges(TEA, position, limit), {
        status: 'reset',
        reason: 'trimmed',
      })
    }
    const messages: StoredMessage[] = []
    for (;;) {
      const page = resumed(await this.#backend.readChanges(TEA, position, limit))
      assert.ok(page.messages.length <= limit)
      assert.deepEqual(page.head, this.#positions.at(-1))
      messages.push(...page.messages)
      position = page.position
      if (position.seq === page.head.seq) break
      assert.deepEqual(position, this.#positions[page.messages.at(-1)?.rev ?? 0])
    }
    assert.deepEqual(position, this.#positions.at(-1))
    const expected = this.#messages().filter(({ rev }) => rev > since)
    assert.deepEqual(messages, expected)
  }

  /** As they stand, by rev. */
  #messages(): StoredMessage[] {
    const newest = new Map<string, StoredMessage>(this.#states.map((state) => [state.id, state]))
    return this.#states.filter((state) => newest.get(state.id) === state && state.rev > this.#trimmed)
  }
}
