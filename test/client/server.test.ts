import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSqliteBackend } from '../../src/index.ts'
import { NO_RATE_LIMITS, startServer, temporaryFolder } from '../helpers.ts'
import { startClient, storedTexts, until } from '../helpers/clients.ts'
import { startProxy } from '../helpers/proxy.ts'
import { SharedStorage } from './shared-storage.ts'

/** A server on a database that outlives it; started again, it is at the same address. */
async function startOnFile(
  t: TestContext,
  file: string,
  port = 0,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const backend = createSqliteBackend({ file })
  const server = await startServer(t, { ...NO_RATE_LIMITS, backend, port })
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= server.close().then(() => backend.close()))
  t.after(stop)
  return { port: server.port, stop }
}

test('two clients whose lines are cut again and again write the same room, nothing lost, nothing twice', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  const proxies = [await startProxy(t, server.port), await startProxy(t, server.port)]
  const rooms = proxies.map(({ socketUrl }, index) => startClient(t, { url: socketUrl, name: `n${index}` }).room('tea'))
  const heard = rooms.map((room) => {
    const texts: string[] = []
    room.on('message', ({ text }) => texts.push(text))
    return texts
  })
  for (const room of rooms) await until(room, ({ status }) => status === 'live')
  for (let round = 0; round < 20; round++) {
    for (const [index, room] of rooms.entries()) {
      const sendings = Array.from({ length: 5 }, (_, count) => room.post(`${index} ${round * 5 + count}`))
      if (round % 3 === index) proxies[index]?.cut()
      if (round % 4 === index) await sendings[2]?.stored
    }
  }
  const [one, other] = await Promise.all(rooms.map((room) => storedTexts(room, 200)))
  assert.deepEqual(one, other)
  assert.deepEqual(heard, [one, other])
  for (const index of [0, 1]) {
    const own = one?.filter((text) => text.startsWith(`${index} `))
    assert.deepEqual(
      own,
      Array.from({ length: 100 }, (_, count) => `${index} ${count}`),
    )
  }
})

test('what was written while the server was away is stored by the next one, and the room is as it was', async (t) => {
  const file = join(await temporaryFolder(t), 'chat.db')
  const first = await startOnFile(t, file)
  const url = `ws://localhost:${first.port}`
  const [ada, bob] = ['ada', 'bob'].map((name) => startClient(t, { url, name }).room('tea'))
  await ada!.post('before').stored
  await storedTexts(bob!, 1)
  await first.stop()
  await until(ada!, ({ status }) => status === 'catching-up')
  const sendings = ['meanwhile', 'and more'].map((text) => ada!.post(text))
  const second = await startOnFile(t, file, first.port)
  await Promise.all(sendings.map(({ stored }) => stored))
  for (const room of [ada!, bob!]) assert.deepEqual(await storedTexts(room, 3), ['before', 'meanwhile', 'and more'])
  await second.stop()
})

test('a server that comes back with an older backup gets again what its clients had sent since', async (t) => {
  const folder = await temporaryFolder(t)
  const [file, backup] = [join(folder, 'chat.db'), join(folder, 'backup.db')]
  const first = await startOnFile(t, file)
  const url = `ws://localhost:${first.port}`
  const [ada, bob] = ['ada', 'bob'].map((name) => startClient(t, { url, name }).room('tea'))
  const resets = Promise.all([ada!, bob!].map((room) => new Promise<string>((resolve) => room.on('reset', resolve))))
  await ada!.post('one').stored
  await storedTexts(bob!, 1)
  await first.stop()
  await cp(file, backup)

  const second = await startOnFile(t, file, first.port)
  const two = await ada!.post('two').stored
  await ada!.edit(two.messageId, 'two, edited').stored
  await bob!.post('three').stored
  await storedTexts(ada!, 3)
  await second.stop()

  const third = await startOnFile(t, backup, first.port)
  assert.deepEqual(await resets, ['ahead', 'ahead'])
  for (const room of [ada!, bob!]) {
    await until(room, ({ messages }) => messages.some(({ text, seq }) => text === 'two, edited' && seq !== undefined))
    assert.deepEqual((await storedTexts(room, 3)).toSorted(), ['one', 'three', 'two, edited'])
  }
  await third.stop()
})

test('tabs that open together are one guest, also after all were closed', async (t) => {
  const server = await startServer(t)
  // The locks of this process are shared by all of its tests.
  const url = `${server.url}/?${randomUUID()}`
  const environment = { storage: new SharedStorage(), locks: navigator.locks }
  const tabs = Array.from({ length: 5 }, () => startClient(t, { url, environment }))
  const rooms = tabs.map((chat) => chat.room('lobby'))
  for (const room of rooms) await until(room, ({ status, count }) => status === 'live' && count === 1)
  const ids = new Set(tabs.map(({ user }) => user?.id))
  assert.equal(ids.size, 1)
  for (const chat of tabs) chat.close()
  const later = startClient(t, { url, environment })
  assert.deepEqual([later.user?.id], [...ids])
  await until(later.room('lobby'), ({ status }) => status === 'live')
  assert.deepEqual([later.user?.id], [...ids])
})

test('another name is taken on by the same guest', async (t) => {
  const server = await startServer(t)
  const chat = startClient(t, { url: server.url, name: 'ada' })
  const room = chat.room('lobby')
  await room.post('one').stored
  const { id } = chat.user!
  chat.setName('Ada Lovelace')
  await until(room, ({ members }) => members?.[0]?.name === 'Ada Lovelace')
  assert.equal(chat.user?.id, id)
  assert.equal(room.state.messages[0]?.mine, true)
})
