import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { greet, Peer } from './peer.ts'
import type { SentCommand } from './peer.ts'
import { hasOwnServer, newKey, newRoom } from './target.ts'

// Who may do what is for the app to say that a server is part of.
if (hasOwnServer) {
  test('whoever loses a room is told so, hears nothing else of it, and finds it as if it was not there', async (t) => {
    const barred = new Set<string>()
    const server = await startServer(t, { authorize: ({ id }) => !barred.has(id) })
    const [ada, eve] = [await greet(t, server.socketUrl, 'Ada'), await Peer.connect(t, server.socketUrl)]
    const { user } = await eve.hello({ name: 'Eve' })
    for (const peer of [ada, eve]) await peer.join('order:42')
    barred.add(user.id)
    await server.chat.revalidate(user.id)
    const removed = await eve.next('removed')
    assert.deepEqual([removed.room, removed.code], ['order:42', 'forbidden'])
    await ada.post('order:42', 'secret')
    const refusals = [
      await eve.refusal('room_not_found', { type: 'history', room: 'order:42' }),
      await eve.refusal('room_not_found', { type: 'join', room: 'order:42' }),
    ]
    for (const { message } of refusals) assert.equal(message, 'there is no room "order:42" here')
    await eve.refusal('not_joined', { type: 'typing', room: 'order:42', on: true })
    assert.deepEqual(eve.untaken('change'), [])
  })

  test('what a user may not do in a room that they may read is forbidden', async (t) => {
    const { socketUrl } = await startServer(t, { authorize: (_user, action) => action === 'read' })
    const peer = await greet(t, socketUrl)
    await peer.join('news')
    await peer.refusal('forbidden', { type: 'post', room: 'news', key: newKey(), text: 'hi' })
  })

  test('what the app refuses, holds or mutes is told with its reason, and what it lets through is told to all', async (t) => {
    const { socketUrl } = await startServer(t, {
      beforeMessage: ({ text }) => {
        if (text === 'refuse me') return { refuse: 'not here' }
        if (text === 'mute me') return { mute: 'cool down', forMs: 60_000 }
        return text === 'hold me' ? { hold: 'somebody looks at it' } : { text: `${text}!` }
      },
    })
    const [peer, room] = [await greet(t, socketUrl), newRoom()]
    await peer.join(room)
    const send = (text: string): SentCommand => ({ type: 'post', room, key: newKey(), text })
    assert.equal((await peer.refusal('refused', send('refuse me'))).message, 'not here')
    assert.equal((await peer.refusal('held', send('hold me'))).message, 'somebody looks at it')
    const { message, retryAfterMs } = await peer.refusal('muted', send('mute me'))
    assert.deepEqual([message, retryAfterMs], ['cool down', 60_000])
    await peer.post(room, 'hi')
    assert.equal((await peer.next('change')).message.text, 'hi!')
    assert.deepEqual(peer.untaken('change'), [])
  })

  test('a room has the title that the app gives it', async (t) => {
    const { socketUrl } = await startServer(t, { resolveRoom: () => ({ title: 'Order 42' }) })
    const peer = await greet(t, socketUrl)
    assert.equal((await peer.join('order:42')).title, 'Order 42')
  })

  test('a user whom the app disconnects ends with 4401, and may come back', async (t) => {
    const server = await startServer(t)
    const peer = await Peer.connect(t, server.socketUrl)
    const { user, guestToken } = await peer.hello()
    await server.chat.disconnect(user.id)
    assert.equal((await peer.ended()).code, 4401)
    const again = await Peer.connect(t, server.socketUrl)
    assert.deepEqual((await again.hello({ guestToken })).user.id, user.id)
  })
}
