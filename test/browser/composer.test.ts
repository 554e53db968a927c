import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import { Line } from './line.ts'

const browser = useBrowser()

test('Enter sends and Shift+Enter adds a line', async (t) => {
  const chat = await browser.open(t, await startServer(t), { handle: 'Ada' })
  await chat.composer.pressSequentially('one')
  await chat.composer.press('Shift+Enter')
  await chat.composer.pressSequentially('two')
  assert.equal(await chat.composer.inputValue(), 'one\ntwo')
  await chat.composer.press('Enter')
  await chat.endsWith('one\ntwo')
  assert.equal(await chat.composer.inputValue(), '')
})

test('under a finger Enter adds a line and the button sends', async (t) => {
  const phone = { hasTouch: true, isMobile: true, viewport: { width: 375, height: 700 } }
  const chat = await browser.open(t, await startServer(t), { handle: 'Ada', ...phone })
  await chat.composer.tap()
  await chat.composer.pressSequentially('one')
  await chat.composer.press('Enter')
  await chat.composer.pressSequentially('two')
  assert.equal(await chat.composer.inputValue(), 'one\ntwo')
  await chat.button('Send').tap()
  await chat.endsWith('one\ntwo')
})

test('the Enter that ends a composition does not send', async (t) => {
  const chat = await browser.open(t, await startServer(t), { handle: 'Ada' })
  await chat.composer.fill('にほん')
  const press = ({ isComposing = false, keyCode = 13 }) =>
    chat.composer.evaluate(
      (box, how) => {
        box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...how }))
      },
      { isComposing, keyCode },
    )
  await press({ isComposing: true })
  await press({ keyCode: 229 })
  assert.equal(await chat.composer.inputValue(), 'にほん')
  await press({})
  await chat.endsWith('にほん')
  assert.equal(await chat.rows.count(), 1)
})

test('blank text cannot be sent; too long a text shows by how much, and stays', async (t) => {
  const server = await startServer(t, { limits: { textCodePoints: 10 } })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.composer.waitFor()
  assert.equal(await chat.button('Send').isDisabled(), true)
  await chat.send(' \n ')
  assert.equal(await chat.button('Send').isDisabled(), true)

  await chat.page.locator('.beginning').waitFor()
  await chat.send('👩👩👩👩👩👩👩👩👩👩👩👩')
  await chat.page.getByText('2 characters too many').waitFor()
  assert.equal(await chat.composer.inputValue(), '👩👩👩👩👩👩👩👩👩👩👩👩')
  assert.equal(await chat.composer.getAttribute('aria-invalid'), 'true')
  assert.equal(await chat.button('Send').isDisabled(), true)
  await chat.send('👩👩👩👩👩👩👩👩👩👩')
  await chat.endsWith('👩👩👩👩👩👩👩👩👩👩')
  assert.equal(await chat.rows.count(), 1)
})

test('the box grows to 40 % of the height, then scrolls; the focus stays in it after sending', async (t) => {
  const chat = await browser.open(t, await startServer(t), { handle: 'Ada' })
  const height = () => chat.composer.evaluate((box) => box.getBoundingClientRect().height)
  const low = await height()
  await chat.composer.fill('1\n2\n3')
  assert.ok((await height()) > low + 30)
  await chat.composer.fill('line\n'.repeat(100))
  assert.equal(Math.round(await height()), 700 * 0.4)
  assert.ok(await chat.composer.evaluate((box) => box.scrollHeight > box.clientHeight))

  await chat.send('short')
  await chat.stored('short')
  assert.equal(await height(), low)
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  await chat.button('Send').waitFor()
  await chat.composer.fill('by the button')
  await chat.button('Send').click()
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
})

test('Up in an empty box edits my last message; Esc gives it up, Enter saves it, and the draft is as it was', async (t) => {
  const chat = await browser.open(t, await startServer(t), { handle: 'Ada' })
  await chat.send('one')
  await chat.send('two')
  await chat.stored('two')
  const box = chat.page.getByRole('textbox', { name: 'Edit message' })

  await chat.composer.press('ArrowUp')
  assert.equal(await box.inputValue(), 'two')
  assert.ok(await box.evaluate((element) => element.matches(':focus')))
  await box.fill('changed my mind')
  await box.press('Escape')
  assert.deepEqual(await chat.texts(), ['one', 'two'])
  assert.ok(await chat.composer.evaluate((element) => element.matches(':focus')))

  await chat.composer.press('ArrowUp')
  await box.fill('three')
  await box.press('Enter')
  await chat.page.getByText('(edited)').waitFor()
  assert.match((await chat.texts())[1] ?? '', /^three/)

  await chat.composer.fill('a draft')
  await chat.composer.press('ArrowUp')
  assert.equal(await box.count(), 0)
  const menu = await chat.openMenu('one')
  await menu.getByRole('menuitem', { name: 'Edit message' }).click()
  await box.press('Escape')
  assert.equal(await chat.composer.inputValue(), 'a draft')
})

test('drafts are kept for each room, over a reload, another room and a reconnect', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const chat = await browser.open(t, line, { handle: 'Ada' })
  await chat.page.locator('.beginning').waitFor()
  await chat.composer.fill('for the lobby')
  await chat.page.goto(`${line.url}/r/tea`)
  assert.equal(await chat.composer.inputValue(), '')
  await chat.composer.fill('for tea')
  await chat.page.reload()
  assert.equal(await chat.composer.inputValue(), 'for tea')
  await chat.page.goto(line.url)
  assert.equal(await chat.composer.inputValue(), 'for the lobby')

  await chat.page.locator('.beginning').waitFor()
  line.cut()
  await chat.banner.waitFor()
  line.restore()
  await chat.banner.waitFor({ state: 'detached' })
  assert.equal(await chat.composer.inputValue(), 'for the lobby')
  await chat.composer.press('Enter')
  await chat.stored('for the lobby')
  await chat.page.reload()
  await chat.endsWith('for the lobby')
  assert.equal(await chat.composer.inputValue(), '')
})
