import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createChatClient } from '../../src/client.ts'
import type { Room } from '../../src/client.ts'
import { startServer } from '../helpers.ts'
import type { TestServer } from '../helpers.ts'
import { findProblems } from './axe.ts'
import { useBrowser } from './browser.ts'

const browser = useBrowser()

test('who types is named up to two, then "Several people", until they send; and nothing moves', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Reader' })
  const [ann, bob, cat] = [await join(t, server, 'Ann'), await join(t, server, 'Bob'), await join(t, server, 'Cat')]
  await chat.button('4 people here').waitFor()
  const line = chat.page.locator('.typing')
  const place = await chat.page.locator('.composer').boundingBox()

  ann.setTyping(true)
  await line.getByText('Ann is typing…').waitFor()
  bob.setTyping(true)
  await line.getByText('Ann and Bob are typing…').waitFor()
  cat.setTyping(true)
  await line.getByText('Several people are typing…').waitFor()
  assert.deepEqual(await chat.page.locator('.composer').boundingBox(), place)

  ann.post('done')
  bob.setTyping(false)
  await line.getByText('Cat is typing…').waitFor()
  cat.setTyping(false)
  await line.getByText('typing').waitFor({ state: 'detached' })
  assert.deepEqual(await chat.page.locator('.composer').boundingBox(), place)
})

test('somebody who stopped typing without a word is forgotten after 5 s', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Reader', withClock: true })
  const ann = await join(t, server, 'Ann')
  await chat.button('2 people here').waitFor()
  ann.setTyping(true)
  await chat.page.getByText('Ann is typing…').waitFor()
  await chat.page.clock.fastForward(5_500)
  await chat.page.getByText('Ann is typing…').waitFor({ state: 'detached' })
})

test('what the user types is told to the others within a second, and that they stopped', async (t) => {
  const server = await startServer(t)
  const ada = await browser.open(t, server, { handle: 'Ada' })
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await bob.button('2 people here').waitFor()
  await ada.composer.pressSequentially('h')
  await bob.page.getByText('Ada is typing…').waitFor({ timeout: 1_000 })
  await ada.composer.fill('')
  await bob.page.getByText('Ada is typing…').waitFor({ state: 'detached' })
})

test('a rate limit says why and for how long beside the composer, and takes no text away', async (t) => {
  const server = await startServer(t, { writeRate: { burst: 2, perMs: 20_000 } })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.page.locator('.beginning').waitFor()
  for (const text of ['one', 'two', 'three']) await chat.send(text)
  const note = chat.page.locator('.composer-note')
  await note.getByText(/You are sending very fast\. Goes on in \d+ s\./).waitFor()
  await chat.send('four')
  assert.equal(await chat.composer.inputValue(), 'four')
  assert.deepEqual(await chat.texts(), ['one', 'two', 'three'])
  await chat.stored('three')
  await note.getByText('very fast').waitFor({ state: 'detached' })
  await chat.composer.press('Enter')
  await chat.endsWith('four')
})

test('a mute says why and until when beside the composer, takes no text away, and is over by itself', async (t) => {
  let isMuted = true
  const server = await startServer(t, {
    beforeMessage: () => (isMuted ? { mute: 'Let others speak for a while.', forMs: 120_000 } : undefined),
  })
  const chat = await browser.open(t, server, { handle: 'Ada', withClock: true })
  await chat.page.locator('.beginning').waitFor()
  await chat.send('one')
  await chat.page
    .locator('.composer-note')
    .getByText(/^Let others speak for a while\. You can write again at \d+:\d\d.*\.$/)
    .waitFor()
  assert.deepEqual(await findProblems(chat), [])
  await chat.send('two')
  assert.equal(await chat.composer.inputValue(), 'two')
  assert.deepEqual(await chat.texts(), ['one'])
  isMuted = false
  await chat.page.clock.fastForward(120_000)
  await chat.stored('one')
  await chat.page.getByText('Let others speak').waitFor({ state: 'detached' })
  assert.equal(await chat.composer.inputValue(), 'two')
})

/** Another user, in the room, without a page. */
async function join(t: TestContext, { url }: TestServer, name: string): Promise<Room> {
  const client = createChatClient({ url, name })
  t.after(() => client.close())
  const room = client.room('lobby')
  await new Promise<void>((resolve) => {
    room.subscribe(() => room.state.status === 'live' && resolve())
  })
  return room
}
