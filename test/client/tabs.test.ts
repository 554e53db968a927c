import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { ChatClient, ClientEnvironment, Room } from '../../src/client.ts'
import type { AskedMessage, MessageHook } from '../../src/chat/message-hook.ts'
import { userCalled } from '../chat/simulation.ts'
import { SharedStorage } from './shared-storage.ts'
import { SimulatedNetwork } from './simulated-network.ts'

/** One browser: its tabs share a storage, and locks that are the platform's own. */
class Browser {
  readonly network: SimulatedNetwork
  readonly storage = new SharedStorage()
  // The locks belong to the process, so each browser of these tests needs names of its own.
  readonly #url = `ws://${randomUUID()}.test/`

  constructor(network = new SimulatedNetwork()) {
    this.network = network
  }

  open(name: string, environment: Partial<ClientEnvironment> = {}): ChatClient {
    return this.network.client(name, {
      url: this.#url,
      environment: { storage: this.storage, locks: navigator.locks, ...environment },
    })
  }

  /** A tab of the user `ada` that is in the room, as far as the network allows. */
  async tab(environment: Partial<ClientEnvironment> = {}): Promise<{ chat: ChatClient; room: Room }> {
    const chat = this.open('ada', environment)
    const room = chat.room('tea')
    await this.pass(100)
    return { chat, room }
  }

  /** Lets time pass, for locks too, which are granted by another thread. */
  async pass(ms: number): Promise<void> {
    for (let step = 0; step < 5; step++) {
      await navigator.locks.query()
      await this.network.clock.advance(ms / 5)
    }
  }

  close(): void {
    this.network.isUp = false
  }
}

function texts(room: Room): string[] {
  return room.state.messages.map(({ text }) => text)
}

test('what was not sent when a tab was closed is shown and sent by the next one, in order', async () => {
  const browser = new Browser()
  const first = await browser.tab()
  browser.network.isUp = false
  browser.network.cut()
  for (const text of ['one', 'two', 'three']) first.room.post(text)
  first.chat.close()
  assert.equal(browser.storage.outbox.length, 3)

  browser.network.isUp = true
  const second = await browser.tab()
  await browser.pass(1_000)
  assert.deepEqual(texts(second.room), ['one', 'two', 'three'])
  assert.deepEqual(
    second.room.state.messages.map(({ seq }) => seq),
    [1, 2, 3],
  )
  assert.deepEqual(browser.storage.outbox, [])
  second.chat.close()
})

test('a tab sends what another leaves behind, but nothing of one that lives', async () => {
  const browser = new Browser()
  const [first, second] = [await browser.tab(), await browser.tab()]
  let posts = 0
  browser.network.toServer = (frame) => (frame.includes('"post"') && ++posts === 1 ? 'lose' : 'deliver')
  first.room.post('one')
  await browser.pass(40_000)
  assert.equal(posts, 1)
  assert.equal(browser.storage.outbox.length, 1)
  assert.deepEqual([texts(first.room), texts(second.room)], [['one'], []])

  first.chat.close()
  await browser.pass(40_000)
  assert.equal(posts, 2)
  assert.deepEqual(browser.storage.outbox, [])
  assert.deepEqual(texts(second.room), ['one'])
  second.chat.close()
})

test('an edit that was held in a tab that is gone, and released, waits in no other that takes it over', async () => {
  const held: AskedMessage[] = []
  const hook: MessageHook = {
    beforeMessage: (message) => (message.kind === 'edit' ? (held.push(message), { hold: 'wait' }) : undefined),
    timeoutMs: 1_000,
    onFailure: 'refuse',
  }
  const browser = new Browser(new SimulatedNetwork({ hook }))
  const [first, second] = [await browser.tab(), await browser.tab()]
  const { stored } = first.room.post('one')
  await browser.pass(100)
  first.room.edit((await stored).messageId, 'two')
  await browser.pass(100)
  assert.equal(first.room.state.messages[0]?.delivery.status, 'failed')
  first.chat.close()
  // The log says so before the other tab looks for what was left.
  await browser.network.simulation.settled(browser.network.simulation.chat.release(held[0]!))
  await browser.network.clock.advance(100)
  assert.deepEqual([texts(second.room), browser.storage.outbox.length], [['two'], 1])
  await browser.pass(40_000)
  assert.deepEqual(browser.storage.outbox, [])
  assert.deepEqual(
    second.room.state.messages.map(({ text, delivery }) => [text, delivery.status]),
    [['two', 'stored']],
  )
  second.chat.close()
})

test('while a tab takes over what another left, all of it is in the storage all the time', async () => {
  class WatchedStorage extends SharedStorage {
    fewest = Infinity
    override removeItem(name: string): void {
      super.removeItem(name)
      this.fewest = Math.min(this.fewest, this.outbox.length)
    }
  }
  const browser = new Browser()
  const storage = new WatchedStorage()
  const first = await browser.tab({ storage })
  browser.network.isUp = false
  browser.network.cut()
  for (const text of ['one', 'two']) first.room.post(text)
  first.chat.close()
  const left = storage.outbox
  assert.equal(left.length, 2)

  browser.network.isUp = true
  browser.network.toServer = (frame) => (frame.includes('"post"') ? 'lose' : 'deliver')
  const second = await browser.tab({ storage })
  await browser.pass(1_000)
  assert.deepEqual(texts(second.room), ['one', 'two'])
  assert.equal(storage.fewest, 2)
  assert.equal(storage.outbox.filter((name) => left.includes(name)).length, 0)
  second.chat.close()
})

test('a storage with no room for two copies keeps what is taken over too', async () => {
  class TightStorage extends SharedStorage {
    override setItem(name: string, value: string): void {
      this.isFull = name.includes(':outbox:') && this.getItem(name) === null && this.outbox.length > 0
      super.setItem(name, value)
    }
  }
  const browser = new Browser()
  const storage = new TightStorage()
  const first = await browser.tab({ storage })
  browser.network.isUp = false
  browser.network.cut()
  first.room.post('one')
  first.chat.close()
  const left = storage.outbox

  browser.network.isUp = true
  browser.network.toServer = (frame) => (frame.includes('"post"') ? 'lose' : 'deliver')
  const second = await browser.tab({ storage })
  await browser.pass(1_000)
  assert.deepEqual(texts(second.room), ['one'])
  assert.equal(storage.outbox.length, 1)
  assert.notDeepEqual(storage.outbox, left)
  second.chat.close()
})

test('what another tab left although it was stored is not shown twice', async () => {
  const browser = new Browser()
  const [first, second] = [await browser.tab(), await browser.tab()]
  let copies = 0
  const isLost = (frame: string): boolean => frame.includes('"ack"') || (frame.includes('"change"') && ++copies === 2)
  browser.network.toClient = (frame) => (isLost(frame) ? 'lose' : 'deliver')
  first.room.post('one')
  await browser.pass(100)
  assert.equal(second.room.state.messages[0]?.seq, 1)
  assert.equal(first.room.state.messages[0]?.seq, undefined)
  second.room.subscribe(() => assert.equal(second.room.state.messages.length, 1))
  first.chat.close()
  browser.network.toClient = () => 'deliver'
  browser.network.delayMs = () => 50
  await browser.pass(40_000)
  assert.deepEqual(texts(second.room), ['one'])
  assert.deepEqual(browser.storage.outbox, [])
  second.chat.close()
})

test('what one tab sends is there once in the others', async () => {
  const browser = new Browser()
  const [first, second] = [await browser.tab(), await browser.tab()]
  first.room.post('one')
  await browser.pass(1_000)
  assert.deepEqual([texts(first.room), texts(second.room)], [['one'], ['one']])
  assert.equal(second.room.state.messages[0]?.mine, true)
  first.chat.close()
  second.chat.close()
})

test('what somebody writes on a first visit is kept from the moment on that the server said who that is', async () => {
  const browser = new Browser()
  browser.network.isUp = false
  const chat = browser.open('ada')
  chat.room('tea').post('one')
  await browser.pass(100)
  assert.equal(browser.storage.outbox.length, 0)
  browser.network.isUp = true
  browser.network.toServer = (frame) => (frame.includes('"post"') ? 'lose' : 'deliver')
  await browser.pass(5_000)
  assert.equal(browser.storage.outbox.length, 1)
  chat.close()
})

test('a refused message is still there after a reload, to try again or discard', async () => {
  const browser = new Browser()
  const first = await browser.tab()
  first.room.post('an answer to nothing', { replyTo: 'nothing' as never })
  await browser.pass(1_000)
  first.chat.close()
  const second = await browser.tab()
  await browser.pass(1_000)
  const [message] = second.room.state.messages
  assert.equal(message?.delivery.status === 'failed' && message.delivery.code, 'message_not_found')
  second.room.discard(message!.key)
  assert.deepEqual(browser.storage.outbox, [])
  second.chat.close()
})

test('where there are no locks, what is found is sent too, and stored once', async () => {
  const browser = new Browser()
  const first = await browser.tab({ locks: undefined })
  browser.network.toClient = (frame) => (frame.includes('"ack"') || frame.includes('"change"') ? 'lose' : 'deliver')
  first.room.post('one')
  await browser.pass(100)
  browser.network.toClient = () => 'deliver'
  const chat = browser.open('ada', { locks: undefined })
  const second = { chat, room: chat.room('tea') }
  second.room.subscribe(() => assert.ok(second.room.state.messages.length <= 1))
  await browser.pass(20_000)
  assert.deepEqual([texts(first.room), texts(second.room)], [['one'], ['one']])
  first.chat.close()
  second.chat.close()
})

test('a storage that is full or denied costs the reload, not the message, and is told', async () => {
  const browser = new Browser()
  browser.storage.isFull = true
  const { chat, room } = await browser.tab()
  const stages: string[] = []
  chat.on('error', (_, { stage }) => stages.push(stage))
  room.post('one')
  await browser.pass(1_000)
  assert.deepEqual(
    room.state.messages.map(({ delivery }) => delivery.status),
    ['stored'],
  )
  assert.ok(stages.includes('storage'))
  chat.close()
})

test("a record that is not the SDK's does no harm", async () => {
  const browser = new Browser()
  const first = await browser.tab()
  first.room.post('an answer to nothing', { replyTo: 'nothing' as never })
  await browser.pass(100)
  first.chat.close()
  const [name] = browser.storage.outbox
  for (const value of ['', '{', 'null', '[]', '{"write":{"room":"tea","key":5}}', '{"write":{"room":"a b"},"at":1}']) {
    browser.storage.setItem(name!, value)
    const { chat, room } = await browser.tab()
    await browser.pass(1_000)
    assert.equal(room.state.status, 'live')
    assert.deepEqual(room.state.messages, [])
    chat.close()
  }
})

test('another user of the app neither sees nor sends what the last one wrote, who finds it when coming back', async () => {
  let user = 'u_ada'
  const network = new SimulatedNetwork({ identify: () => Promise.resolve(userCalled(user, user)) })
  const browser = new Browser(network)
  const chat = network.client('ada', {
    url: `ws://${randomUUID()}.test/`,
    token: () => user,
    environment: { storage: browser.storage },
  })
  const room = chat.room('tea')
  const signIn = async (id: string): Promise<void> => {
    user = id
    network.isUp = true
    network.cut()
    await browser.pass(10_000)
  }
  await browser.pass(100)
  network.isUp = false
  network.cut()
  room.post("ada's")
  await signIn('u_bob')
  assert.deepEqual(texts(room), [])
  room.post("bob's")
  await browser.pass(100)
  assert.deepEqual(texts(room), ["bob's"])
  await signIn('u_ada')
  assert.deepEqual(
    room.state.messages.map(({ text, author, mine }) => [text, author.id, mine]),
    [
      ["bob's", 'u_bob', false],
      ["ada's", 'u_ada', true],
    ],
  )
  assert.deepEqual(browser.storage.outbox, [])
  chat.close()
})
