import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import type { ChatPage } from './chat-page.ts'

const browser = useBrowser()

async function openRooms(chat: ChatPage) {
  await chat.page.getByRole('button', { name: 'switch rooms' }).click()
  const panel = chat.page.getByRole('dialog', { name: 'Rooms' })
  await panel.waitFor()
  return panel
}

async function go(chat: ChatPage, room: string): Promise<void> {
  await (await openRooms(chat)).getByRole('link', { name: room }).click()
  await chat.page.getByRole('heading', { level: 1, name: room }).waitFor()
}

test('the header leads to the rooms visited before, on one socket and through the history; those with drafts are marked', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada', room: 'tea' })
  await chat.send('in tea')
  await chat.stored('in tea')
  const panel = await openRooms(chat)
  assert.deepEqual(await panel.getByRole('link').allInnerTexts(), ['lobby', 'tea'].map(hashed))
  assert.equal(await panel.getByRole('link', { name: 'tea' }).getAttribute('aria-current'), 'page')
  await chat.page.keyboard.press('Escape')
  await chat.composer.fill('half a thought')

  await go(chat, 'lobby')
  assert.equal(chat.page.url(), `${server.url}/`)
  assert.equal(await chat.page.title(), 'lobby · Natter')
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  assert.equal(await chat.composer.inputValue(), '')
  assert.equal(chat.socketUrls.length, 1)
  const button = chat.page.getByRole('button', { name: 'switch rooms, drafts in other rooms' })
  await button.waitFor()
  await button.click()
  await chat.page.getByRole('link', { name: 'tea Draft' }).waitFor()
  await chat.page.keyboard.press('Escape')

  await chat.page.goBack()
  await chat.page.getByRole('heading', { level: 1, name: 'tea' }).waitFor()
  assert.equal(await chat.composer.inputValue(), 'half a thought')
  await chat.page.reload()
  assert.equal(await chat.composer.inputValue(), 'half a thought')
  await chat.composer.fill('')
  await go(chat, 'lobby')
  assert.equal(await chat.page.getByRole('button', { name: 'drafts in other rooms' }).count(), 0)
})

test('the keyboard opens the rooms at the current one, walks them and goes to one', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada', room: 'tea' })
  await chat.page.locator('.beginning').waitFor()
  await chat.page.getByRole('button', { name: 'switch rooms' }).focus()
  await chat.page.keyboard.press('Enter')
  const current = chat.page.getByRole('link', { name: 'tea' })
  await current.waitFor()
  assert.ok(await current.evaluate((link) => link.matches(':focus')))
  await chat.page.keyboard.press('ArrowUp')
  await chat.page.keyboard.press('Enter')
  await chat.page.getByRole('heading', { level: 1, name: 'lobby' }).waitFor()
})

test('in a narrow chat the rooms are a drawer along its edge, which a press beside it closes', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada', viewport: { width: 375, height: 700 } })
  await chat.page.locator('.beginning').waitFor()
  const panel = await openRooms(chat)
  await panel.evaluate((each) => Promise.all(each.getAnimations().map(({ finished }) => finished)))
  const box = await panel.boundingBox()
  assert.deepEqual([box?.x, box?.y, box?.height], [0, 0, 700])
  assert.ok(box && box.width <= 375 - 48)
  await chat.page.mouse.click(365, 300)
  await panel.waitFor({ state: 'detached' })
})

test('a name that is too long is cut short, and pushes nothing out of the chat', async (t) => {
  const server = await startServer(t)
  const room = 'a-room-with-a-very-long-name-that-does-not-fit-anywhere'
  const chat = await browser.open(t, server, { handle: 'Ada', room, viewport: { width: 320, height: 600 } })
  await chat.button('1 person here').waitFor()
  for (const part of [chat.page.locator('.rooms-button'), chat.button('You are Ada'), chat.composer]) {
    const box = await part.boundingBox()
    assert.ok(
      box && box.x >= 0 && box.x + box.width <= 320,
      `${await part.innerText()} ends at ${box && box.x + box.width}`,
    )
  }
})

test('an element in a page of its own has no way to other rooms unless the page says so', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.page.getByRole('button', { name: 'switch rooms' }).waitFor()
  await chat.page.locator('natter-chat').evaluate((element) => element.removeAttribute('rooms'))
  await chat.page.getByRole('button', { name: 'switch rooms' }).waitFor({ state: 'detached' })
  await chat.page.getByRole('heading', { level: 1, name: 'lobby' }).waitFor()
})

function hashed(name: string): string {
  return `#\n${name}`
}
