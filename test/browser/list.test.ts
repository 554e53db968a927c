import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { NO_RATE_LIMITS, startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import type { ChatPage } from './chat-page.ts'
import { numbered, seed } from './seed.ts'

const browser = useBrowser()

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

test('messages of one author within 5 minutes of one day show one avatar and name; the time of a later one shows on hover and focus', async (t) => {
  const server = await startServer(t)
  const noon = new Date().setHours(12, 0, 0, 0) - DAY
  await seed(server.backend, 'lobby', [
    { text: 'one', postedAt: noon },
    { text: 'two', postedAt: noon + MINUTE },
    { text: 'three', postedAt: noon + 7 * MINUTE },
    { text: 'four', postedAt: noon + 8 * MINUTE, author: 'Bob' },
  ])
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('four')
  assert.equal(await chat.page.locator('.messages .avatar').count(), 3)
  assert.deepEqual(await chat.page.locator('.author').allInnerTexts(), ['Ann', 'Ann', 'Bob'])

  const time = chat.row('two').locator('.gutter time')
  assert.equal(await isTransparent(time), true)
  await chat.row('two').hover()
  assert.equal(await isTransparent(time), false)
  assert.match(await time.innerText(), /^12[:.]01$/)

  await chat.page.mouse.move(0, 0)
  assert.equal(await isTransparent(time), true)
  await chat.row('one').press('ArrowDown')
  assert.equal(await isTransparent(time), false)
})

test('a day divider stands before the first message of each local day', async (t) => {
  const server = await startServer(t)
  const midnight = new Date().setHours(0, 0, 0, 0)
  await seed(server.backend, 'lobby', [
    { text: 'long ago', postedAt: midnight - 400 * DAY },
    { text: 'late', postedAt: midnight - MINUTE },
    { text: 'early', postedAt: midnight },
    { text: 'later', postedAt: midnight + MINUTE },
  ])
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('later')
  const [first, ...others] = await chat.page.locator('.day').allInnerTexts()
  assert.match(first ?? '', /\d{4}/)
  assert.deepEqual(others, ['Yesterday', 'Today'])
  assert.equal(await chat.row('early').locator('.day').innerText(), 'Today')
})

test('a room opens at its end, and nothing on the page jumps until then', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(60))
  const chat = await browser.open(t, server, { handle: 'Reader', watchesShifts: true })
  await chat.endsWith('message 60')
  assert.equal(await chat.distanceToEnd(), 0)
  assert.equal(await chat.page.evaluate(() => Reflect.get(globalThis, 'layoutShift')), 0)
})

test('until there are messages a skeleton stands in their place', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(60))
  const chat = await browser.open(t, server, { handle: 'Reader', withoutScript: true })
  await chat.page.locator('.skeleton').waitFor()
  const { bottom } = await chat.page.locator('.skeleton').evaluate((element) => element.getBoundingClientRect())
  assert.ok(bottom > 500, `the skeleton ends at ${bottom}`)
})

test('a room with unread messages opens at the New line before them', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(30))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('message 30')
  await chat.sent('read', ({ seq }) => seq === 30)
  await chat.page.goto('about:blank')
  await seed(
    server.backend,
    'lobby',
    numbered(18).map(({ text }) => ({ text: `new ${text}` })),
  )
  await chat.page.goto(server.url)
  await chat.page.getByText('New', { exact: true }).waitFor()
  const line = chat.row('new message 1').locator('.unread')
  assert.equal(await line.innerText(), 'New')
  assert.equal(await isInView(line), true)
  // It breaks the group that the message would be in, and stays when all is read.
  assert.equal(await chat.row('new message 1').locator('.avatar').count(), 1)
  await chat.page.keyboard.press('End')
  await chat.sent('read', ({ seq }) => seq === 48)
  assert.equal(await line.count(), 1)
})

test('the New line is found also where more is unread than a page, and nothing after it is taken as read', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  await seed(server.backend, 'lobby', numbered(30))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.sent('read', ({ seq }) => seq === 30)
  await chat.page.goto('about:blank')
  chat.forgetSent()
  await seed(
    server.backend,
    'lobby',
    numbered(170).map(({ text }) => ({ text: `new ${text}` })),
  )
  await chat.page.goto(server.url)
  const line = chat.row('new message 1').locator('.unread')
  await line.waitFor()
  assert.equal(await isInView(line), true)
  assert.equal(await chat.row('message 30').count(), 1)
  await chat.jump.waitFor()
  assert.equal(chat.hasSent('read'), false)
  await chat.jump.click()
  await chat.endsWith('new message 170')
  await chat.sent('read', ({ seq }) => seq === 200)
})

test('at the end new messages keep the view there; scrolled up it does not move', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(45))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('message 45')
  await chat.scrollBy(-80)
  await seed(server.backend, 'lobby', [{ text: 'near the end' }])
  await chat.endsWith('near the end')
  assert.equal(await chat.distanceToEnd(), 0)

  await chat.scrollBy(-400)
  await chat.jump.waitFor()
  const before = await topOf(chat.row('message 20'))
  await seed(server.backend, 'lobby', [{ text: 'far from the end\nwith\nfour\nlines' }])
  await chat.list.getByText('far from the end').waitFor({ state: 'attached' })
  assert.equal(await topOf(chat.row('message 20')), before)
})

test('a message that grows above the view does not move what is in it', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  await seed(server.backend, 'lobby', numbered(45))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  const other = await browser.open(t, server, { handle: 'Other' })
  await chat.endsWith('message 45')
  await other.endsWith('message 45')
  await chat.scrollBy(-300)
  await chat.jump.waitFor()
  const before = await topOf(chat.row('message 35'))
  const menu = await other.openMenu('message 5')
  await menu.getByRole('menuitem', { name: 'Party' }).click()
  await chat.row('message 5').locator('.reaction').waitFor({ state: 'attached' })
  await nextFrame(chat)
  assert.equal(await topOf(chat.row('message 35')), before)
})

test('scrolled up, a button counts the new messages; it and End lead to them and hide it', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(45))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('message 45')
  assert.equal(await chat.jump.count(), 0)
  await chat.scrollBy(-600)
  await chat.jump.waitFor()
  await seed(server.backend, 'lobby', [{ text: 'news 1' }, { text: 'news 2' }])
  await chat.jump.filter({ hasText: '2 new' }).waitFor()
  await chat.jump.click()
  await chat.jump.waitFor({ state: 'detached' })
  assert.equal(await isInView(chat.row('news 2')), true)

  await chat.scrollBy(-600)
  await chat.jump.waitFor()
  await chat.rows.nth(20).focus()
  await chat.page.keyboard.press('End')
  await chat.jump.waitFor({ state: 'detached' })
  assert.equal(await chat.distanceToEnd(), 0)
})

test('at the top older messages load, and the row under the eye does not move', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  await seed(server.backend, 'lobby', numbered(400))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('message 400')
  for (let page = 0; page < 4; page += 1) {
    assert.equal(await chat.onScroller(scrollToTopAndWatch), 0)
  }
  assert.ok((await chat.texts())[0] !== 'message 352')
})

test('after thousands of messages at most 320 rows are in the document, and the newer ones come back', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  await seed(server.backend, 'lobby', numbered(2_000))
  const chat = await browser.open(t, server, { handle: 'Reader' })
  await chat.endsWith('message 2000')
  const most = await chat.onScroller(async (scroller) => {
    let rows = 0
    while (!scroller.textContent.includes('This is where the room began')) {
      scroller.scrollTop = 0
      await new Promise(requestAnimationFrame)
      rows = Math.max(rows, scroller.querySelectorAll('.row').length)
    }
    return rows
  })
  assert.ok(most > 150 && most <= 320, `${most} rows`)
  assert.equal((await chat.texts())[0], 'message 1')

  const mostDown = await chat.onScroller(async (scroller) => {
    let rows = 0
    while (!scroller.querySelector('.row:last-child')?.textContent.includes('message 2000')) {
      scroller.scrollTop = scroller.scrollHeight
      await new Promise(requestAnimationFrame)
      rows = Math.max(rows, scroller.querySelectorAll('.row').length)
    }
    return rows
  })
  assert.ok(mostDown <= 320, `${mostDown} rows`)
  const texts = await chat.texts()
  assert.deepEqual(
    texts,
    texts.map((_, index) => `message ${2_001 - texts.length + index}`),
  )
})

/** Pixels that the topmost row moved, at the most, from frame to frame, while older ones were put before it. */
async function scrollToTopAndWatch(scroller: Element): Promise<number> {
  scroller.scrollTop = 0
  const rowAt = () => [...scroller.querySelectorAll('.row')].find((row) => row.getBoundingClientRect().bottom > 150)
  const row = rowAt()
  const first = scroller.querySelector('.row')
  const top = row?.getBoundingClientRect().top ?? NaN
  let moved = 0
  while (scroller.querySelector('.row') === first) {
    await new Promise(requestAnimationFrame)
    moved = Math.max(moved, Math.abs((row?.getBoundingClientRect().top ?? NaN) - top))
  }
  return moved
}

function topOf(locator: Locator): Promise<number> {
  return locator.evaluate((element) => element.getBoundingClientRect().top)
}

function isInView(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect()
    const stage = element.closest('.scroller')?.getBoundingClientRect()
    return stage !== undefined && top >= stage.top && bottom <= stage.bottom
  })
}

function isTransparent(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => getComputedStyle(element).color === 'rgba(0, 0, 0, 0)')
}

function nextFrame({ page }: ChatPage): Promise<number> {
  return page.evaluate(() => new Promise(requestAnimationFrame))
}
