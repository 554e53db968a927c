import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seq, UserId } from '../../src/protocol/ids.ts'
import type { User } from '../../src/protocol/message.ts'
import { ADA, BOB, COFFEE, fill, openBackend, Recorder, TEA } from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

function user(id: string, name: string): User {
  return { id: id as UserId, name }
}

export function testMembers(createLog: LogFactory): void {
  test('members are listed by name, one entry per user, as many as asked for', async (t) => {
    const backend = await openBackend(t, createLog)
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    for (const member of [user('3', 'Zoë'), user('1', 'bob'), user('2', 'Ada'), user('4', 'bob')])
      backend.enter(TEA, member)
    backend.enter(COFFEE, user('5', 'Eve'))
    const { count, users } = await backend.members(TEA, 10)
    assert.deepEqual([count, users.map(({ id }) => id)], [4, ['2', '1', '4', '3']])
    const named = await backend.members(TEA, 2)
    assert.deepEqual([named.count, named.users.map(({ name }) => name)], [4, ['Ada', 'bob']])
    await listener.until(({ memberChanges }) => memberChanges === 4)
  })

  test('a user who enters again under another name is still one', async (t) => {
    const backend = await openBackend(t, createLog)
    backend.enter(TEA, user('1', 'Ada'))
    backend.enter(TEA, user('2', 'Bob'))
    backend.enter(TEA, { ...user('1', 'Countess'), avatarUrl: '/ada.png' })
    const expected = [user('2', 'Bob'), { ...user('1', 'Countess'), avatarUrl: '/ada.png' }]
    assert.deepEqual(await backend.members(TEA, 10), { count: 2, users: expected })
  })

  test('who left is no member; leaving a room one is not in tells nobody', async (t) => {
    const backend = await openBackend(t, createLog)
    backend.enter(TEA, user('1', 'Ada'))
    backend.enter(TEA, user('2', 'Bob'))
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    backend.exit(TEA, '1' as UserId)
    backend.exit(TEA, '1' as UserId)
    backend.exit(COFFEE, '2' as UserId)
    assert.deepEqual(await backend.members(TEA, 10), { count: 1, users: [user('2', 'Bob')] })
    backend.exit(TEA, '2' as UserId)
    assert.deepEqual(await backend.members(TEA, 10), { count: 0, users: [] })
    await listener.until(({ memberChanges }) => memberChanges >= 2)
    assert.equal(listener.memberChanges, 2)
  })

  test('a signal reaches the listeners of its room and is kept nowhere', async (t) => {
    const backend = await openBackend(t, createLog)
    const [leaving, staying, coffee] = [new Recorder(), new Recorder(), new Recorder()]
    const subscription = await backend.subscribe(TEA, leaving)
    await backend.subscribe(TEA, staying)
    await backend.subscribe(COFFEE, coffee)
    backend.signal(TEA, 'one')
    await leaving.until(({ signals }) => signals.length === 1)
    subscription.close()
    backend.signal(COFFEE, 'espresso')
    backend.signal(TEA, 'two')
    await staying.until(({ signals }) => signals.length === 2)
    await coffee.until(({ signals }) => signals.length === 1)
    assert.deepEqual([leaving.signals, staying.signals, coffee.signals], [['one'], ['one', 'two'], ['espresso']])
    assert.equal((await backend.head(TEA)).seq, 0)
  })

  test('a read marker moves forward only, and not past the head', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['1', '2', '3'])
    assert.equal(await backend.marker(TEA, ADA), 0)
    assert.equal(await backend.advanceMarker(TEA, ADA, 2 as Seq), 2)
    assert.equal(await backend.advanceMarker(TEA, ADA, 1 as Seq), 2)
    assert.equal(await backend.advanceMarker(TEA, ADA, Number.MAX_SAFE_INTEGER as Seq), 3)
    assert.equal(await backend.marker(TEA, ADA), 3)
    assert.deepEqual([await backend.marker(TEA, BOB), await backend.marker(COFFEE, ADA)], [0, 0])
    assert.equal(await backend.advanceMarker(COFFEE, ADA, 1 as Seq), 0)
  })

  test('listeners hear of a marker when it moved, and only then', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['1', '2', '3'])
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    await Promise.all([2, 1, 2, 3].map((seq) => backend.advanceMarker(TEA, ADA, seq as Seq)))
    await backend.advanceMarker(TEA, BOB, 1 as Seq)
    await listener.until(({ markers }) => markers.length >= 3)
    assert.deepEqual(listener.markers, [
      [ADA, 2],
      [ADA, 3],
      [BOB, 1],
    ])
  })

  test('a secret is random, and the same whenever it is asked for by its name', async (t) => {
    const backend = await openBackend(t, createLog)
    const [guest, again, other] = [
      await backend.secret('guest'),
      await backend.secret('guest'),
      await backend.secret('other'),
    ]
    assert.ok(guest.length >= 32)
    assert.deepEqual(again, guest)
    assert.notDeepEqual(other, guest)
  })
}
