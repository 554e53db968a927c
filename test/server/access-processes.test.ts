import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { HostOrder } from '../helpers/access-host.ts'
import { startRedis } from '../helpers/redis.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { openSocket } from '../helpers.ts'
import type { TestSocket } from '../helpers.ts'

const HOST = fileURLToPath(new URL('../helpers/access-host.ts', import.meta.url))

const redis = await startRedis()
after(() => redis.close())

/** One process of an app. */
interface Host {
  readonly socketUrl: string
  /** Resolves once it has done that. */
  tell(order: HostOrder): Promise<void>
}

let chats = 0

async function startHost(t: TestContext, url: string, keyPrefix: string): Promise<Host> {
  const child = fork(HOST, [url, keyPrefix])
  t.after(() => child.kill('SIGKILL'))
  const [address] = (await once(child, 'message')) as [string]
  return {
    socketUrl: `${address.replace('http', 'ws')}/`,
    async tell(order) {
      child.send(order)
      await once(child, 'message')
    },
  }
}

async function enter(t: TestContext, host: Host, cookie: string): Promise<TestSocket> {
  const socket = await openSocket(t, host, { headers: { cookie } })
  await socket.ask({ type: 'hello' })
  assert.equal((await socket.ask({ type: 'join', room: 'tea' }))['type'], 'joined')
  return socket
}

let keys = 0
const post = (socket: TestSocket, text: string): Promise<unknown> =>
  socket.ask({ type: 'post', room: 'tea', key: `process-key-${++keys}`, text })

test('access that ends on one process ends on the others, and so do connections', async (t) => {
  const keyPrefix = `access-${++chats}`
  const hosts = await Promise.all([startHost(t, redis.url, keyPrefix), startHost(t, redis.url, keyPrefix)])
  const [here, there] = hosts
  const [ada, eve, mallory] = [
    await enter(t, here, 'ada'),
    await enter(t, there, 'eve'),
    await enter(t, there, 'mallory'),
  ]
  for (const host of hosts) {
    await host.tell({ type: 'bar', user: 'eve' })
    await host.tell({ type: 'forget', user: 'mallory' })
  }
  await here.tell({ type: 'revalidate', user: 'eve' })
  assert.equal((await eve.next(({ type }) => type === 'removed'))['room'], 'tea')
  await post(ada, 'not for eve')
  // The answer comes after all that was sent to the room before.
  assert.equal((await eve.ask({ type: 'history', room: 'tea' }))['code'], 'room_not_found')

  await here.tell({ type: 'disconnect', user: 'mallory' })
  assert.equal((await mallory.closed).code, 4401)
  const again = await openSocket(t, there, { headers: { cookie: 'mallory' } })
  assert.equal((await again.ask({ type: 'hello' }))['code'], 'unauthorized')
})

test('a process that was cut off from Redis ends what was ended meanwhile when it is back', async (t) => {
  const keyPrefix = `access-${++chats}`
  const line = await startRelay(t, redis.port)
  const [here, cut] = await Promise.all([startHost(t, redis.url, keyPrefix), startHost(t, line.url, keyPrefix)])
  const [eve, mallory] = [await enter(t, cut, 'eve'), await enter(t, cut, 'mallory')]
  line.isUp = false
  line.cut()
  await cut.tell({ type: 'bar', user: 'eve' })
  // Nobody said that of Eve: she is found when everybody is asked about.
  await here.tell({ type: 'disconnect', user: 'mallory' })
  line.isUp = true
  assert.equal((await mallory.closed).code, 4401)
  assert.equal((await eve.next(({ type }) => type === 'removed'))['room'], 'tea')
})
