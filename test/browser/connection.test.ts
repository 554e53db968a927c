import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend, serve } from '../../src/index.ts'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import type { ChatPage } from './chat-page.ts'
import { Line } from './line.ts'
import { numbered, seed } from './seed.ts'

const browser = useBrowser()

test('a cut line is not spoken of for 2 s, then by a banner; what is sent meanwhile waits in the list', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const chat = await browser.open(t, line, { handle: 'Ada', withClock: true })
  await chat.send('before')
  await chat.stored('before')
  await stopClock(chat)
  const closed = chat.closedSocket()
  line.cut()
  await closed
  await chat.page.clock.runFor(1_900)
  assert.equal(await chat.banner.count(), 0)
  await chat.page.clock.runFor(200)
  assert.equal((await chat.banner.innerText()).trim(), 'Reconnecting…')

  await chat.send('queued 1')
  await chat.send('queued 2')
  assert.deepEqual(await chat.texts(), ['before', 'queued 1', 'queued 2'])
  assert.equal(await chat.list.locator('[data-delivery=pending]').count(), 2)
})

test('after a reconnect what was missed is there in order, once, what was queued goes out in order, and the banner leaves', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const ada = await browser.open(t, line, { handle: 'Ada' })
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await ada.send('before')
  await bob.endsWith('before')
  line.cut()
  await ada.banner.waitFor()
  await ada.send('queued 1')
  await ada.send('queued 2')
  for (const { text } of numbered(5)) await bob.send(text)
  await bob.stored('message 5')
  line.restore()
  await ada.banner.waitFor({ state: 'detached' })
  await ada.stored('queued 2')
  await bob.endsWith('queued 2')
  const expected = ['before', ...numbered(5).map(({ text }) => text), 'queued 1', 'queued 2']
  assert.deepEqual(await ada.texts(), expected)
  assert.deepEqual(await bob.texts(), expected)
})

for (const [what, wake] of [
  ['the network is back', () => void globalThis.dispatchEvent(new Event('online'))],
  ['the tab is shown again', () => void document.dispatchEvent(new Event('visibilitychange'))],
] as const) {
  test(`as soon as ${what} the page connects, without waiting for its next try`, async (t) => {
    const server = await startServer(t)
    const line = await Line.to(t, server)
    const chat = await browser.open(t, line, { handle: 'Ada', withClock: true })
    await chat.page.locator('.beginning').waitFor()
    // With a clock that stands still no try comes by itself.
    await stopClock(chat)
    const closed = chat.closedSocket()
    line.cut()
    await closed
    line.restore()
    await chat.send('hello again')
    await chat.page.evaluate(wake)
    await chat.stored('hello again')
  })
}

test('two tabs of one user agree: messages, edits, drafts; what was queued is sent once', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const one = await browser.open(t, line, { handle: 'Ada' })
  await one.page.locator('.beginning').waitFor()
  const two = await browser.openTab(t, one)
  await two.page.locator('.beginning').waitFor()
  await one.send('from one')
  await two.endsWith('from one')
  assert.equal(await two.row('from one').locator('.own').count(), 1)
  assert.equal(await one.page.getByRole('button', { name: '1 person here' }).count(), 1)

  await two.composer.press('ArrowUp')
  const box = two.page.getByRole('textbox', { name: 'Edit message' })
  await box.fill('from two')
  await box.press('Enter')
  await one.page.getByText('(edited)').waitFor()

  await one.composer.fill('half a thought')
  await two.page.waitForFunction(
    () => document.querySelector('natter-chat')?.shadowRoot?.querySelector('textarea')?.value === 'half a thought',
  )
  await one.composer.fill('')

  line.cut()
  await one.banner.waitFor()
  await two.banner.waitFor()
  await one.send('queued in one')
  await two.send('queued in two')
  line.restore()
  for (const tab of [one, two]) {
    await tab.stored('queued in one')
    await tab.stored('queued in two')
    assert.equal(await tab.rows.count(), 3)
  }
})

test('what was read in one tab is read in the other', async (t) => {
  const server = await startServer(t)
  const front = await browser.open(t, server, { handle: 'Ada' })
  await front.page.locator('.beginning').waitFor()
  const back = await browser.openTab(t, front)
  await back.page.locator('.beginning').waitFor()
  await back.page.evaluate(() => Object.assign(document, { hasFocus: () => false }))
  await seed(server.backend, 'lobby', [{ text: 'news' }])
  await back.endsWith('news')
  await front.sent('read', ({ seq }) => seq === 1)
  await back.received('read', ({ seq }) => seq === 1)
  // Looking at it there tells the server nothing new.
  await back.page.evaluate(() => {
    Object.assign(document, { hasFocus: () => true })
    globalThis.dispatchEvent(new Event('focus'))
  })
  await back.send('seen')
  await back.stored('seen')
  assert.equal(back.hasSent('read'), false)
})

test('a handle chosen in one tab is taken over by the other', async (t) => {
  const server = await startServer(t)
  const one = await browser.open(t, server)
  await one.page.locator('.beginning').waitFor()
  const two = await browser.openTab(t, one)
  await one.page.getByLabel('Choose a handle').fill('Ada')
  await one.page.getByLabel('Choose a handle').press('Enter')
  await two.page.getByRole('button', { name: 'You are Ada' }).waitFor()
  assert.equal(await two.page.getByLabel('Choose a handle').count(), 0)
})

test('when the server restarts everyone is back by themselves, and nothing is lost', async (t) => {
  const backend = createMemoryBackend()
  t.after(() => backend.close())
  const first = await startServer(t, { backend })
  const ada = await browser.open(t, first, { handle: 'Ada' })
  const bob = await browser.open(t, first, { handle: 'Bob' })
  await ada.send('before')
  await bob.endsWith('before')
  const closed = [ada.closedSocket(), bob.closedSocket()]
  await first.close()
  await Promise.all(closed)
  await ada.send('meanwhile')
  await startServer(t, { backend, port: first.port })
  await ada.stored('meanwhile')
  await bob.endsWith('meanwhile')
  await bob.send('after')
  await ada.endsWith('after')
  for (const { banner } of [ada, bob]) await banner.waitFor({ state: 'detached' })
})

test('at a restart each page is told a moment of its own to come back at, and all do', async (t) => {
  const backend = createMemoryBackend()
  t.after(() => backend.close())
  const server = await serve({ port: 0, host: 'localhost', backend })
  t.after(() => server.close())
  const chats = await Promise.all(['Ada', 'Bob', 'Cat', 'Dan'].map((handle) => browser.open(t, server, { handle })))
  for (const chat of chats) await chat.button('4 people here').waitFor()
  const closed = chats.map((chat) => chat.closedSocket())
  await server.close({ spreadMs: 1_000 })
  await Promise.all(closed)
  const told = await Promise.all(chats.map(async (chat) => Number((await chat.received('goodbye'))['retryInMs'])))
  assert.ok(new Set(told).size > 1, told.join())
  assert.ok(
    told.every((retryInMs) => retryInMs >= 0 && retryInMs <= 1_000),
    told.join(),
  )
  await startServer(t, { backend, port: server.port })
  await chats[0]?.send('back')
  for (const chat of chats) await chat.endsWith('back')
})

test('where the server lets nobody in any more the page says so', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(3))
  const chat = await browser.open(t, server, { handle: 'Ada', closesWith: 4403 })
  await chat.page.getByText('You have no access to this chat').waitFor()
  assert.equal(await chat.page.locator('.skeleton:visible').count(), 0)
})

test('a refused sign-in is said in place of the messages, with a way to try again', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada', closesWith: 4401 })
  await chat.page.getByRole('heading', { name: 'Sign in to chat' }).waitFor()
  await chat.button('Try again').waitFor()
})

test('who is signed out is told so, and neither asked for a handle nor told who is here', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server)
  await chat.button('1 person here').waitFor()
  await chat.page.getByLabel('Choose a handle').waitFor()
  await chat.page.routeWebSocket(/./, (socket) => void socket.close({ code: 4401, reason: 'refused' }))
  await chat.page.reload()
  await chat.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  assert.equal(await chat.page.getByLabel('Choose a handle').count(), 0)
  assert.equal(await chat.page.getByRole('button', { name: 'here' }).count(), 0)
})

/** From here on the page's time passes only when the test says so. */
async function stopClock({ page }: ChatPage): Promise<void> {
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000)
}
