import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { enter, greet, Peer } from './peer.ts'
import { findTarget, newRoom } from './target.ts'

/** Whoever leaves is shown for a few seconds more, so these tests wait side by side. */
suite('signals', { concurrency: true }, () => {
  test('typing reaches the room, with who types', async (t) => {
    const [url, room] = [await findTarget(t), newRoom()]
    const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
    for (const on of [true, false]) {
      await ada.ask('ok', { type: 'typing', room, on })
      const typing = await bob.next('typing')
      assert.deepEqual([typing.room, typing.user.name, typing.on], [room, 'Ada', on])
    }
  })

  test('typing after a post is news again', async (t) => {
    const [url, room] = [await findTarget(t), newRoom()]
    const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
    await ada.ask('ok', { type: 'typing', room, on: true })
    await ada.post(room, 'hi')
    await ada.ask('ok', { type: 'typing', room, on: true })
    assert.deepEqual([(await bob.next('typing')).on, (await bob.next('typing')).on], [true, true])
  })

  test('typing is for members', async (t) => {
    const peer = await greet(t, await findTarget(t))
    await peer.refusal('not_joined', { type: 'typing', room: newRoom(), on: true })
  })

  test('whoever enters is announced, and so is whoever leaves', async (t) => {
    const [url, room] = [await findTarget(t), newRoom()]
    const ada = await enter(t, url, room, 'Ada')
    const bob = await enter(t, url, room, 'Bob')
    const { members } = await ada.next('presence', ({ count }) => count === 2)
    assert.deepEqual(
      members?.map(({ name }) => name),
      ['Ada', 'Bob'],
    )
    await bob.ask('ok', { type: 'leave', room })
    await ada.next('presence', ({ count }) => count === 1)
  })

  test('whoever is cut off is announced as gone', async (t) => {
    const [url, room] = [await findTarget(t), newRoom()]
    const ada = await enter(t, url, room, 'Ada')
    const bob = await enter(t, url, room, 'Bob')
    await ada.next('presence', ({ count }) => count === 2)
    bob.ws.terminate()
    await ada.next('presence', ({ count }) => count === 1)
  })

  test('five connections of one user are one member, until the last is gone', async (t) => {
    const [url, room] = [await findTarget(t), newRoom()]
    const first = await Peer.connect(t, url)
    const { guestToken } = await first.hello({ name: 'Ada' })
    const tabs = [first]
    for (let tab = 1; tab < 5; tab++) {
      const peer = await Peer.connect(t, url)
      await peer.hello({ name: 'Ada', guestToken })
      tabs.push(peer)
    }
    for (const tab of tabs) assert.equal((await tab.join(room)).count, 1)
    const bob = await greet(t, url, 'Bob')
    assert.equal((await bob.join(room)).count, 2)
    for (const tab of tabs) tab.ws.terminate()
    await bob.next('presence', ({ count }) => count === 1)
  })

  test('a room of more than 50 is told how many are in it, without their names', async (t) => {
    const [url, room] = [await findTarget(t), newRoom()]
    const ada = await enter(t, url, room, 'Ada')
    for (let count = 2; count <= 51; count++) {
      const joined = await (await greet(t, url, `guest ${count}`)).join(room)
      assert.deepEqual([joined.count, joined.members?.length], [count, count <= 50 ? count : undefined])
    }
    const presence = await ada.next('presence', ({ count }) => count === 51)
    assert.equal('members' in presence, false)
  })
})
