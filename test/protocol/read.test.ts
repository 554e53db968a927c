import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fill, numbered } from './fill.ts'
import { enter, greet, Peer } from './peer.ts'
import { findTarget, newRoom } from './target.ts'

/** Two connections of one user. */
async function twoDevices(t: TestContext, url: string): Promise<readonly [Peer, Peer]> {
  const [phone, laptop] = [await Peer.connect(t, url), await Peer.connect(t, url)]
  const { guestToken } = await phone.hello()
  await laptop.hello({ guestToken })
  return [phone, laptop]
}

test('how far a user has read reaches every connection of that user, and nobody else', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  await fill(t, url, room, numbered(3))
  const [phone, laptop] = await twoDevices(t, url)
  for (const device of [phone, laptop]) await device.join(room)
  const bob = await enter(t, url, room, 'Bob')
  await phone.ask('ok', { type: 'read', room, seq: 2 })
  for (const device of [phone, laptop]) assert.deepEqual(await device.next('read'), { type: 'read', room, seq: 2 })
  await bob.ask('page', { type: 'history', room })
  assert.deepEqual(bob.untaken('read'), [])
})

test('how far a user has read only moves forward, and not past the end of the log', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  await fill(t, url, room, numbered(3))
  const [phone, laptop] = await twoDevices(t, url)
  const readSeq = async (): Promise<number> => (await laptop.join(room)).readSeq
  assert.equal(await readSeq(), 0)
  for (const [seq, then] of [
    [2, 2],
    [1, 2],
    [99, 3],
    [0, 3],
  ] as const) {
    await phone.ask('ok', { type: 'read', room, seq })
    assert.equal(await readSeq(), then)
  }
})

test('a read marker is a seq', async (t) => {
  const room = newRoom()
  const peer = await greet(t, await findTarget(t))
  for (const seq of [-1, 1.5, 2 ** 53, '1', null, undefined])
    await peer.refusal('bad_command', { type: 'read', room, seq })
})
