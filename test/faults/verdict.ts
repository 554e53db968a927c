import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { TimelineMessage } from '../../src/client.ts'
import type { Message } from '../../src/protocol/message.ts'
import { revisionOf } from '../../src/protocol/message.ts'
import { until } from '../helpers/clients.ts'
import { greet } from '../protocol/peer.ts'
import type { Person } from './person.ts'

/** All messages of a room, oldest first, as somebody sees them who has just come. */
export async function readHistory(t: TestContext, url: string, room: string): Promise<readonly Message[]> {
  const peer = await greet(t, url, 'Historian')
  const history: Message[] = []
  for (let after = 0, more = true; more;) {
    const page = await peer.ask('page', { type: 'history', room, after, limit: 100 })
    history.push(...page.messages)
    after = history.at(-1)?.seq ?? 0
    more = page.hasNewer
  }
  return history
}

/**
 * Waits until everybody has everything, and fails unless it is the same for all: every accepted post once, in one order, as the room's
 * history has it; nobody was shown anything twice, out of order, or with a gap.
 */
export async function assertOneHistory(
  t: TestContext,
  url: string,
  people: readonly Person[],
): Promise<readonly Message[]> {
  const [first] = people
  assert.ok(first)
  const { seq: head } = await first.room.post('the end').stored
  for (const { room } of people) await until(room, ({ status, latestSeq }) => status === 'live' && latestSeq >= head)
  const history = await readHistory(t, url, first.room.name)
  assert.equal(new Set(history.map(({ id }) => id)).size, history.length)
  for (const person of people) {
    assertAccepted(person, history)
    assertShown(person, history)
  }
  return history
}

/**
 * Waits until everybody was told that the log is another one and has all of it, and fails unless everything they wrote is there, once, and is
 * what everybody sees.
 */
export async function assertAllCameBack(t: TestContext, url: string, people: readonly Person[]): Promise<void> {
  for (const { room, resets } of people) await until(room, () => resets.length > 0)
  // What is offered again goes before it.
  const ends = await Promise.all(people.map(({ room }) => room.post('the end').stored))
  const head = Math.max(...ends.map(({ seq }) => seq))
  for (const { room } of people) await until(room, ({ status, latestSeq }) => status === 'live' && latestSeq >= head)
  const [first] = people
  assert.ok(first)
  const history = await readHistory(t, url, first.room.name)
  const authors = new Set(people.map(({ chat }) => chat.user?.id))
  const own = history.filter(({ author, text }) => authors.has(author.id) && text !== 'the end')
  const written = people.flatMap((person) => person.written.map(({ text = '' }) => text))
  assert.deepEqual(own.map(({ text }) => text).toSorted(), written.toSorted())
  for (const { name, room } of people) {
    const shown = room.state.messages
    assert.deepEqual(shown.map(asStored), history.slice(-shown.length).map(asStored), `what ${name} sees`)
  }
}

/** What a person was told is stored is there, once, where they were told, in the order they wrote it. */
function assertAccepted({ name, written, chat }: Person, history: readonly Message[]): void {
  const posts = written.filter(({ text }) => text !== undefined)
  const own = history.filter(({ author, text }) => author.id === chat.user?.id && text !== 'the end')
  assert.deepEqual(
    own.map(({ key, id, seq }) => ({ key, messageId: id, seq })),
    posts.map(({ key, stored }) => ({ key, ...stored })),
    `the posts of ${name}`,
  )
}

/** What a person was shown, as it came and as it is now, is the room's history. */
function assertShown({ name, announced, changes, resets, room }: Person, history: readonly Message[]): void {
  assert.deepEqual(resets, [], name)
  const deleted = new Set(history.filter(({ deletedAt }) => deletedAt).map(({ id }) => id))
  // A message that was deleted before it could be shown is not announced.
  assert.deepEqual(
    announced.filter(({ id }) => !deleted.has(id)).map(({ seq }) => seq),
    history.filter(({ id }) => !deleted.has(id)).map(({ seq }) => seq),
    `what was announced to ${name}`,
  )
  const revisions = changes.map(revisionOf)
  assert.ok(
    revisions.every((revision, index) => index === 0 || revision > revisions[index - 1]!),
    `changes were shown to ${name} twice or out of order`,
  )
  const newest = new Map(changes.map((message) => [message.id, revisionOf(message)]))
  for (const message of history)
    assert.equal(newest.get(message.id), revisionOf(message), `${message.text}, to ${name}`)
  const shown = room.state.messages
  assert.deepEqual(shown.map(asStored), history.slice(-shown.length).map(asStored), `what ${name} sees`)
}

/** The fields of the log, without what the SDK adds for showing. */
function asStored(message: Message | TimelineMessage): unknown {
  const { id, seq, rev, key, author, text, postedAt, editedAt, editKey, deletedAt, replyTo, reactions } = message
  return { id, seq, rev, key, author, text, postedAt, editedAt, editKey, deletedAt, replyTo, reactions }
}
