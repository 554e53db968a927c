import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { NatterChat } from '../../src/element.ts'
import { startServer } from '../helpers.ts'
import type { TestServer } from '../helpers.ts'
import { findProblems } from './axe.ts'
import { useBrowser } from './browser.ts'
import type { OpenOptions } from './browser.ts'
import type { ChatPage } from './chat-page.ts'
import { startHostPage } from './host-page.ts'
import { seed } from './seed.ts'

const browser = useBrowser()
const PHONE = { viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true } as const

/** The two style sheets of the documentation, for a chat in a box and for one in the corner. */
const DOCUMENTED = `
  natter-chat:not([popup]) { display: block; block-size: 32rem }
  natter-chat[popup] { position: fixed; inset-block: auto 1rem; inset-inline: auto 1rem }`

interface Shop extends OpenOptions {
  readonly css?: string
}

/** A shop with a chat in the corner of its page. */
async function openShop(
  t: TestContext,
  { css, ...options }: Shop = {},
): Promise<{ server: TestServer; chat: ChatPage }> {
  const server = await startServer(t, { origins: ['*'] })
  const host = await startHostPage(t, {
    body: `<main><h1>Shop</h1><button>Buy</button></main>
      <natter-chat src="${server.url}" room="help" name="Ada" popup><a href="${server.url}/r/help">Chat</a></natter-chat>`,
    css: css ?? 'natter-chat:not(:defined) { position: fixed; inset: auto 1rem 1rem auto }',
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
  })
  const chat = await browser.open(t, host, { watchesShifts: true, ...options })
  await chat.button('Open the chat').waitFor()
  await chat.received('joined')
  return { server, chat }
}

test('a button in the corner counts what is unread, and the chat opens at the New line and is read', async (t) => {
  const { server, chat } = await openShop(t)
  await seed(server.backend, 'help', [{ text: 'before' }])
  await chat.button('Open the chat, 1 unread').waitFor()
  assert.equal(await chat.page.evaluate(() => Reflect.get(globalThis, 'layoutShift')), 0)
  await chat.button('Open the chat, 1 unread').click()
  await chat.endsWith('before')
  await chat.sent('read', ({ seq }) => seq === 1)
  await chat.page.keyboard.press('Escape')
  await chat.button('Open the chat').waitFor()
  await seed(server.backend, 'help', [{ text: 'one' }, { text: 'two' }])
  await chat.button('Open the chat, 2 unread').waitFor()
  assert.equal(await chat.page.locator('natter-chat').evaluate((element: NatterChat) => element.unread), 2)
  await chat.button('Open the chat, 2 unread').click()
  await chat.row('one').getByText('New', { exact: true }).waitFor()
  await chat.sent('read', ({ seq }) => seq === 3)
})

// Reading ended only a frame after the chat was put away: what came in between was taken for read, and never counted.
test('what comes as the chat is put away is unread', async (t) => {
  const { server, chat } = await openShop(t)
  await seed(server.backend, 'help', [{ text: 'before' }])
  await chat.button('Open the chat, 1 unread').click()
  await chat.sent('read', ({ seq }) => seq === 1)
  await chat.page.locator('natter-chat').evaluate((element: NatterChat) => {
    element.addEventListener('message', () => element.hide(), { once: true })
  })
  await seed(server.backend, 'help', [{ text: 'after' }])
  await chat.button('Open the chat, 1 unread').waitFor()
})

test('the keyboard opens and closes it; Esc closes what is topmost only; the focus goes along', async (t) => {
  const { chat } = await openShop(t)
  const { keyboard } = chat.page
  await chat.button('Open the chat').focus()
  await keyboard.press('Enter')
  const dialog = chat.page.getByRole('dialog', { name: 'Chat: help' })
  await dialog.waitFor()
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  await chat.send('hello')
  await chat.stored('hello')
  await chat.openMenu('hello')
  await keyboard.press('Escape')
  await chat.page.getByRole('menu').waitFor({ state: 'detached' })
  assert.equal(await dialog.isVisible(), true)
  await chat.composer.fill('a draft')
  await chat.composer.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.ok(await chat.button('Open the chat').evaluate((button) => button.matches(':focus')))
  await keyboard.press('Space')
  await dialog.waitFor()
  assert.equal(await chat.composer.inputValue(), 'a draft')
  await chat.button('Close the chat').first().click()
  await dialog.waitFor({ state: 'detached' })
})

test('the page opens and closes it by attribute, property and method, and hears of it', async (t) => {
  const { chat } = await openShop(t)
  const states = await chat.page.locator('natter-chat').evaluate(async (element: NatterChat) => {
    const heard: string[] = []
    element.addEventListener('toggle', (event) => heard.push(event.newState))
    element.setAttribute('open', '')
    element.open = false
    element.show()
    heard.push(`focus ${document.activeElement === element}`)
    element.hide()
    return heard
  })
  assert.deepEqual(states, ['open', 'closed', 'open', 'focus true', 'closed'])
  await chat.page.locator('natter-chat').evaluate((element: NatterChat) => (element.popup = false))
  await chat.composer.waitFor()
  assert.equal(await chat.button('Open the chat').count(), 0)
})

test('on a phone it takes the whole screen, and the button in its header puts it away', async (t) => {
  const { chat } = await openShop(t, PHONE)
  await chat.button('Open the chat').tap()
  const dialog = chat.page.getByRole('dialog', { name: 'Chat: help' })
  await dialog.evaluate((each) => Promise.all(each.getAnimations().map(({ finished }) => finished)))
  const box = await dialog.boundingBox()
  assert.deepEqual(box, { x: 0, y: 0, width: 375, height: 700 })
  await chat.sendByButton('hello')
  await chat.stored('hello')
  await chat.page.locator('.header').getByRole('button', { name: 'Close the chat' }).tap()
  await chat.button('Open the chat').waitFor()
})

test('on a phone it is modal: the focus stays in it, the page behind is inert, Esc closes it and the button has the focus', async (t) => {
  const { chat } = await openShop(t, { ...PHONE, reducedMotion: 'reduce' })
  const { keyboard } = chat.page
  const dialog = chat.page.getByRole('dialog', { name: 'Chat: help' })
  await chat.button('Open the chat').focus()
  await keyboard.press('Enter')
  await dialog.waitFor()
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  // Beyond its last stop there is the browser's own, which the page sees as none.
  for (let press = 0; press < 8; press++) {
    await keyboard.press(press < 6 ? 'Tab' : 'Shift+Tab')
    assert.notEqual(await chat.page.evaluate(() => document.activeElement?.textContent), 'Buy')
  }
  const takesFocus = chat.button('Buy').evaluate((button) => {
    button.focus()
    return button.matches(':focus')
  })
  assert.equal(await takesFocus, false)
  await chat.page.getByRole('button', { name: '1 person' }).tap()
  await chat.page.getByRole('dialog', { name: 'People here' }).waitFor()
  await keyboard.press('Escape')
  await chat.page.getByRole('dialog', { name: 'People here' }).waitFor({ state: 'detached' })
  assert.ok(await dialog.isVisible())
  await keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.ok(await chat.button('Open the chat').evaluate((button) => button.matches(':focus')))
  await chat.button('Buy').tap()
})

test('on a wide screen the page beside it stays in use; made narrow it is modal, with the focus where it was', async (t) => {
  const { chat } = await openShop(t)
  await chat.button('Open the chat').click()
  const dialog = chat.page.getByRole('dialog', { name: 'Chat: help' })
  await dialog.waitFor()
  await chat.button('Buy').click()
  assert.ok(await dialog.isVisible())
  await chat.composer.fill('a draft')
  for (const [width, isModal] of [
    [375, true],
    [1000, false],
  ] as const) {
    await chat.page.setViewportSize({ width, height: 700 })
    await chat.page.waitForFunction(([element, modal]) => element?.matches(':modal') === modal, [
      await dialog.elementHandle(),
      isModal,
    ] as const)
    assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  }
})

for (const [name, css] of [
  ['the style sheets of the documentation', DOCUMENTED],
  ['a size for every chat of the page', 'natter-chat { block-size: 32rem; inline-size: 20rem; min-block-size: 20rem }'],
] as const) {
  test(`with ${name} the button stays in the corner, as high as it is`, async (t) => {
    const { chat } = await openShop(t, { css })
    const box = await chat.page.locator('natter-chat').boundingBox()
    const button = await chat.button('Open the chat').boundingBox()
    assert.ok(box && button && box.height < 2 * button.height && box.width < 2 * button.width, JSON.stringify(box))
    assert.ok(button.y + button.height > 600, JSON.stringify(button))
  })
}

test('in a page that is read from right to left it is in the other corner, and the button does not move', async (t) => {
  const { chat } = await openShop(t)
  await chat.page.evaluate(() => (document.documentElement.dir = 'rtl'))
  const before = await chat.button('Open the chat').boundingBox()
  assert.ok(before && before.x < 100, JSON.stringify(before))
  await chat.button('Open the chat').click()
  await chat.composer.waitFor()
  assert.deepEqual(await chat.page.locator('.launcher').boundingBox(), before)
})

for (const [name, options] of [
  ['in light', { colorScheme: 'light' }],
  ['in dark', { colorScheme: 'dark' }],
  ['on a phone in dark', { ...PHONE, colorScheme: 'dark' }],
] as const satisfies readonly (readonly [string, OpenOptions])[]) {
  test(`axe finds nothing ${name}: the button with a number, and the chat open`, async (t) => {
    const { server, chat } = await openShop(t, { ...options, reducedMotion: 'reduce' })
    await seed(server.backend, 'help', [{ text: 'news' }])
    await chat.button('Open the chat, 1 unread').waitFor()
    assert.deepEqual(await findProblems(chat), [])
    await chat.button('Open the chat, 1 unread').click()
    await chat.endsWith('news')
    assert.deepEqual(await findProblems(chat), [])
  })
}
