import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { enter, greet, Peer } from './peer.ts'
import { PlainPeer } from './plain-peer.ts'
import { openRaw } from './raw-socket.ts'
import { findTarget, newRoom } from './target.ts'

/** These wait for seconds of the server's clock, so they do it side by side. */
suite('keepalive', { concurrency: true }, () => {
  test('a connection that does not say hello within 5 s ends with 4408', async (t) => {
    const url = await findTarget(t)
    const silent = await Peer.connect(t, url)
    const failing = await Peer.connect(t, url)
    await failing.refusal('bad_command', { type: 'hello', name: '' })
    const talking = await greet(t, url)
    for (const peer of [silent, failing]) assert.equal((await peer.ended()).code, 4408)
    await talking.post(newRoom(), 'still here')
  })

  test('a peer that does not even answer the close is cut off', async (t) => {
    const socket = await openRaw(t, await findTarget(t))
    socket.resume()
    await once(socket, 'close')
  })

  test('every 15 s a connection is pinged, and told the heads of its rooms', async (t) => {
    const [url, room, otherRoom] = [await findTarget(t), newRoom(), 'constructor']
    const peer = await enter(t, url, room)
    await peer.join(otherRoom)
    const { position } = await peer.post(room, 'hi')
    const pinged = once(peer.ws, 'ping')
    const { heads } = await peer.next('heartbeat', (event) => event.heads[room]?.seq === 1)
    await pinged
    assert.deepEqual(heads[room], position)
    assert.deepEqual(Object.keys(heads).toSorted(), [otherRoom, room])
  })

  test('a plain connection is pinged, and owes no hello', async (t) => {
    const plain = await PlainPeer.connect(t, await findTarget(t))
    await once(plain.ws, 'ping')
    plain.send({ handle: 'ada', text: 'still here' })
    await plain.from('ada')
  })
})
