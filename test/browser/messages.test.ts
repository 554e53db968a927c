import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import type { Append } from '../../src/backend/backend.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import { interceptedBackend } from '../client/intercepted-backend.ts'
import { NO_RATE_LIMITS, startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import { Line } from './line.ts'
import { numbered, seed } from './seed.ts'

const browser = useBrowser()

test('a message is there within one frame, marked as pending; stored it stands in the same place, once', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const chat = await browser.open(t, line, { handle: 'Ada' })
  await chat.send('before')
  await chat.stored('before')
  line.hold()
  await chat.composer.fill('on its way')
  const frames = await chat.composer.evaluate(async (box) => {
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    const list = (box.getRootNode() as ShadowRoot).querySelector('.list')
    let count = 0
    while (!list?.textContent.includes('on its way')) {
      await new Promise(requestAnimationFrame)
      count += 1
    }
    return count
  })
  assert.ok(frames <= 1, `${frames} frames`)
  const row = chat.row('on its way')
  await row.locator('[data-delivery=pending]').waitFor()
  await row.getByText('Sending…').waitFor()
  const place = await row.boundingBox()
  line.release()
  await chat.stored('on its way')
  assert.deepEqual(await row.boundingBox(), place)
  assert.deepEqual(await chat.texts(), ['before', 'on its way'])
})

test('without an answer in 10 s a message is "Not sent", with Retry and Delete; retried it is stored once, by its own key', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const chat = await browser.open(t, line, { handle: 'Ada', withClock: true })
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await chat.send('first')
  await chat.stored('first')
  line.hold()
  await chat.send('lost?')
  const { key } = await chat.sent('post', ({ text }) => text === 'lost?')
  await bob.endsWith('lost?')
  await chat.page.clock.fastForward(11_000)
  const failed = chat.row('lost?')
  await failed.getByText('Not sent').waitFor()
  await failed.getByRole('button', { name: 'Delete' }).waitFor()
  chat.forgetSent()
  await failed.getByRole('button', { name: 'Retry' }).click()
  assert.equal((await chat.sent('post')).key, key)
  line.release()
  await chat.stored('lost?')
  await chat.send('after')
  await bob.endsWith('after')
  assert.deepEqual(await bob.texts(), ['first', 'lost?', 'after'])
  assert.deepEqual(await chat.texts(), ['first', 'lost?', 'after'])
})

test('a refused message is "Not sent" and says why; Retry sends it by its own key, Delete takes it away', async (t) => {
  const offered: Append[] = []
  const backend = interceptedBackend((append, proceed) => {
    offered.push(append)
    if (offered.length <= 2) throw new ChatError('forbidden', 'you are muted for now')
    return proceed(append)
  })
  t.after(() => backend.close())
  const server = await startServer(t, { backend })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.send('refused')
  const failed = chat.row('refused')
  await failed.getByText('Not sent: you are muted for now').waitFor()
  await chat.send('given up')
  await chat.row('given up').getByText('Not sent').waitFor()
  await chat.row('given up').getByRole('button', { name: 'Delete' }).click()
  await failed.getByRole('button', { name: 'Retry' }).click()
  await chat.stored('refused')
  assert.deepEqual(await chat.texts(), ['refused'])
  assert.deepEqual(
    offered.map(({ key }) => key === offered[0]?.key),
    [true, false, true],
  )
})

test('a message that is not sent can be deleted', async (t) => {
  const server = await startServer(t)
  const line = await Line.to(t, server)
  const chat = await browser.open(t, line, { handle: 'Ada', withClock: true })
  await chat.send('kept')
  await chat.stored('kept')
  line.hold()
  await chat.send('given up')
  await chat.page.clock.fastForward(11_000)
  await chat.row('given up').getByRole('button', { name: 'Delete' }).click()
  await chat.row('given up').waitFor({ state: 'detached' })
})

test('an edit and a deletion change the message for everyone: "(edited)" with its time, and a tombstone', async (t) => {
  const server = await startServer(t)
  const ada = await browser.open(t, server, { handle: 'Ada' })
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await ada.send('helo')
  await bob.endsWith('helo')
  const menu = await ada.openMenu('helo')
  await menu.getByRole('menuitem', { name: 'Edit message' }).click()
  const box = ada.page.getByRole('textbox', { name: 'Edit message' })
  await box.fill('hello')
  await box.press('Enter')
  for (const { page } of [ada, bob]) {
    const edited = page.locator('.text', { hasText: 'hello' }).getByText('(edited)')
    assert.match((await edited.getAttribute('title')) ?? '', /\d{4}.*:\d{2}:\d{2}/)
  }

  await ada.rows.last().hover()
  await ada.rows.last().getByRole('button', { name: 'More actions' }).click()
  await ada.page.getByRole('menuitem', { name: 'Delete message…' }).click()
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  for (const { rows } of [ada, bob]) await rows.last().getByText('Message deleted').waitFor()
  assert.doesNotMatch((await bob.list.textContent()) ?? '', /hello/)
})

test('only the author is offered to edit and to delete', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', [{ text: 'not yours' }])
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.endsWith('not yours')
  const menu = await chat.openMenu('not yours')
  const items = await menu.getByRole('menuitem').allInnerTexts()
  assert.deepEqual(
    items.filter((item) => /edit|delete/i.test(item)),
    [],
  )
})

test('reactions are toggles with a count, pressed where they are mine, labelled with the names', async (t) => {
  const server = await startServer(t)
  const ada = await browser.open(t, server, { handle: 'Ada' })
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await ada.send('shall we?')
  await bob.endsWith('shall we?')
  await bob.row('shall we?').hover()
  await bob.row('shall we?').getByRole('button', { name: 'React' }).click()
  await bob.page.getByRole('dialog', { name: 'React' }).getByRole('button', { name: 'Rocket' }).click()

  await ada.button('🚀 1: Bob').waitFor()
  assert.equal(await ada.button('🚀 1: Bob').getAttribute('aria-pressed'), 'false')
  await ada.button('🚀 1: Bob').click()
  await bob.button('🚀 2: Bob and Ada').waitFor()
  assert.equal(await bob.button('🚀 2: Bob and Ada').getAttribute('aria-pressed'), 'true')
  assert.notEqual(
    await ada.button('🚀 2: Bob and Ada').locator('.chip').evaluate(borderColor),
    await ada.page.locator('.composer').evaluate(borderColor),
  )

  await bob.button('🚀 2: Bob and Ada').click()
  await ada.button('🚀 1: Ada').click()
  await ada.page.locator('.reaction').waitFor({ state: 'detached' })
  await bob.page.locator('.reaction').waitFor({ state: 'detached' })
})

test('under a finger a long press opens what can be done with a message, and a tap brings up the commonest', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', [{ text: 'press me' }])
  const phone = { hasTouch: true, isMobile: true, viewport: { width: 375, height: 700 } }
  const chat = await browser.open(t, server, { handle: 'Ada', withClock: true, ...phone })
  await chat.endsWith('press me')
  const row = chat.row('press me')
  await row.tap()
  await row.getByRole('button', { name: 'React' }).waitFor()

  const place = await row.getByText('press me').boundingBox()
  const touchPoints = [{ x: (place?.x ?? 0) + 5, y: (place?.y ?? 0) + 5 }]
  const fingers = await chat.page.context().newCDPSession(chat.page)
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints })
  await chat.page.clock.fastForward(500)
  await chat.page.locator('.row.held').waitFor()
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await chat.page.getByRole('menu').waitFor()
  await chat.page.getByRole('menuitem', { name: 'Thumbs up' }).tap()
  await chat.button('👍 1: Ada').waitFor()
})

for (const [name, options] of [
  ['on a wide screen', { viewport: { width: 1280, height: 700 } }],
  ['on a phone', { hasTouch: true, isMobile: true, viewport: { width: 375, height: 700 } }],
] as const) {
  test(`the menu opens at its button, on the screen, and stays there when a message comes, ${name}`, async (t) => {
    const server = await startServer(t)
    await seed(server.backend, 'lobby', numbered(40))
    const chat = await browser.open(t, server, { handle: 'Ada', ...options })
    const openMenu = async (text: string): Promise<Locator> => {
      if ('hasTouch' in options) await chat.row(text).tap()
      return chat.openMenu(text)
    }
    for (const text of ['message 30', 'message 40']) {
      const menu = await openMenu(text)
      await chat.opensAt(menu, text)
      await chat.page.keyboard.press('Escape')
      await menu.waitFor({ state: 'detached' })
    }
    const menu = await openMenu('message 40')
    await seed(server.backend, 'lobby', [{ text: 'news, on\nthree\nlines', author: 'Bob' }])
    await chat.row('news, on\nthree\nlines').waitFor()
    await chat.opensAt(menu, 'message 40')
  })
}

test('a reaction that the server refuses goes, and why is said beside the composer', async (t) => {
  const server = await startServer(t, { limits: { emojiPerMessage: 1 } })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.send('hello')
  await chat.stored('hello')
  for (const emoji of ['Heart', 'Party']) {
    const menu = await chat.openMenu('hello')
    await menu.getByRole('menuitem', { name: emoji }).click()
    await chat.page.getByRole('menu').waitFor({ state: 'detached' })
  }
  await chat.page.getByText('Your reaction was not stored').waitFor()
  await chat.button('❤️ 1: Ada').waitFor()
  assert.equal(await chat.page.locator('.reaction').count(), 1)
})

test('URLs are links that tell their target nothing; what would run a script, and markup, stay text', async (t) => {
  const server = await startServer(t, NO_RATE_LIMITS)
  const texts = [
    'see https://example.com/a?b=c, and (https://example.com/d).',
    'javascript:alert(1) data:text/html,<script>alert(1)</script>',
    '<img src=x onerror=alert(1)><b>bold</b> &amp; "quotes"',
  ]
  await seed(
    server.backend,
    'lobby',
    texts.map((text) => ({ text })),
  )
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.page.getByRole('link').first().waitFor()
  const links = await chat.page
    .locator('.text a')
    .evaluateAll((anchors) =>
      anchors.map((anchor) => [anchor.getAttribute('href'), anchor.getAttribute('rel'), anchor.getAttribute('target')]),
    )
  const rel = 'noopener noreferrer nofollow ugc'
  assert.deepEqual(links, [
    ['https://example.com/a?b=c', rel, '_blank'],
    ['https://example.com/d', rel, '_blank'],
  ])
  assert.deepEqual(await chat.texts(), texts)
  assert.equal(await chat.page.locator('.text img, .text b, .text script').count(), 0)
})

test('up to three emoji alone are large, more of them and those among words are not', async (t) => {
  const server = await startServer(t)
  const texts = ['🎉', '👍🏽 ❤️\n👩‍👩‍👧', '🎉🎉🎉🎉', 'well done 🎉', '123']
  await seed(
    server.backend,
    'lobby',
    texts.map((text) => ({ text })),
  )
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.endsWith('123')
  const sizes = await chat.list
    .locator('.text')
    .evaluateAll((all) => all.map((text) => Number.parseFloat(getComputedStyle(text).fontSize) > 20))
  assert.deepEqual(sizes, [true, true, false, false, false])
})

test('times are in the words of the reader, with date and seconds on hover; text takes its own direction', async (t) => {
  const server = await startServer(t)
  const postedAt = Date.UTC(2026, 2, 1, 20, 5, 9)
  await seed(server.backend, 'lobby', [
    { text: 'مرحبا', postedAt },
    { text: 'hello', postedAt },
  ])
  const berlin = await browser.open(t, server, { handle: 'Ada', locale: 'de-DE', timezoneId: 'Europe/Berlin' })
  const time = berlin.page.locator('.byline time').first()
  assert.equal(await time.innerText(), '21:05')
  assert.match((await time.getAttribute('title')) ?? '', /März 2026.*21:05:09/)
  const newYork = await browser.open(t, server, { handle: 'Bob', locale: 'en-US', timezoneId: 'America/New_York' })
  assert.match(await newYork.page.locator('.byline time').first().innerText(), /^3:05\sPM$/)

  const direction = (text: string) =>
    berlin.page.locator('.text', { hasText: text }).evaluate((element) => getComputedStyle(element).direction)
  assert.deepEqual([await direction('مرحبا'), await direction('hello')], ['rtl', 'ltr'])
})

function borderColor(element: Element): string {
  return getComputedStyle(element).borderColor
}
