import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { createShopChat, dismiss, handOver, letThrough, tellShipped } from '../../examples/access.ts'
import type { Shop } from '../../examples/access.ts'
import { createMemoryBackend } from '../../src/index.ts'
import { openSocket } from '../helpers.ts'
import type { TestSocket } from '../helpers.ts'

const ADA = { id: 'c1', name: 'Ada', isClerk: false }
const BOB = { id: 'c2', name: 'Bob', isClerk: false }
const CLERK = { id: 's1', name: 'Clerk', isClerk: true }
const ORDER = 'order:42'

let keys = 0

test('the example of a shop does what docs/access.md says of it', async (t) => {
  const sessions = new Map([
    ['ada', ADA],
    ['bob', BOB],
    ['clerk', CLERK],
  ])
  const order = { title: 'Order 42', customerId: ADA.id }
  const shop: Shop = {
    findCustomer: async (cookie) => sessions.get(cookie ?? ''),
    findOrder: async (number) => (number === '42' ? order : undefined),
    waiting: [],
    unread: new Map(),
  }
  const backend = createMemoryBackend()
  const chat = createShopChat(shop, backend)
  const server = createServer(chat.handler).listen(0, 'localhost')
  chat.attach(server)
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(async () => {
    server.close()
    await chat.close({ spreadMs: 0 })
    await backend.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const socketUrl = `ws://localhost:${address.port}/chat`

  const enter = async (cookie: string): Promise<{ socket: TestSocket; joined: Record<string, unknown> }> => {
    const socket = await openSocket(t, { socketUrl }, { headers: { cookie } })
    await socket.ask({ type: 'hello' })
    return { socket, joined: await socket.ask({ type: 'join', room: ORDER }) }
  }
  const say = (socket: TestSocket, text: string): Promise<Record<string, unknown>> =>
    socket.ask({ type: 'post', room: ORDER, key: `example-key-${++keys}`, text })

  const [ada, bob, clerk] = [await enter('ada'), await enter('bob'), await enter('clerk')]
  assert.deepEqual(
    [ada.joined['title'], bob.joined['code'], clerk.joined['title']],
    ['Order 42', 'room_not_found', 'Order 42'],
  )
  assert.equal((await ada.socket.ask({ type: 'join', room: 'order:7' }))['code'], 'room_not_found')

  const refused = await say(ada.socket, 'My card is 4111111111111111')
  assert.deepEqual([refused['code'], refused['message']], ['refused', 'Please do not send card numbers.'])
  const held = await say(ada.socket, 'I want a refund')
  assert.deepEqual([held['code'], held['message']], ['held', 'A clerk looks at this first.'])
  await say(ada.socket, '  Hello?  ')
  await letThrough(chat, shop)
  await tellShipped(chat, '42')
  await tellShipped(chat, '42')
  const { messages } = await clerk.socket.ask({ type: 'history', room: ORDER })
  assert.deepEqual(
    (messages as { author: { name: string }; text: string }[]).map(({ author, text }) => [author.name, text]),
    [
      ['Ada', 'Hello?'],
      ['Ada', 'I want a refund'],
      ['Shipping', 'Your parcel is on its way.'],
    ],
  )
  assert.equal(shop.unread.get(ORDER), 2)

  order.customerId = BOB.id
  await handOver(chat, ADA)
  assert.equal((await ada.socket.next(({ type }) => type === 'removed'))['room'], ORDER)
  assert.equal((await bob.socket.ask({ type: 'join', room: ORDER }))['code'], 'room_not_found')
  await chat.revalidate(BOB.id)
  assert.equal((await bob.socket.ask({ type: 'join', room: ORDER }))['type'], 'joined')

  sessions.delete('clerk')
  await dismiss(chat, CLERK)
  assert.equal((await clerk.socket.closed).code, 4401)
  const again = await openSocket(t, { socketUrl }, { headers: { cookie: 'clerk' } })
  assert.equal((await again.ask({ type: 'hello' }))['code'], 'unauthorized')
})

test('the code in docs/access.md is that of the example', async () => {
  const example = flat(await read('examples/access.ts'))
  const blocks = [...(await read('docs/access.md')).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block)
  assert.ok(blocks.length >= 6)
  for (const block of blocks) assert.ok(example.includes(flat(block)), block)
})

async function read(path: string): Promise<string> {
  return await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** Without what differs where a part of a program stands alone. */
function flat(code: string): string {
  return code.replace(/\s+/g, ' ').trim()
}
