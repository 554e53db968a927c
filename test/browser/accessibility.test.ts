import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { startServer } from '../helpers.ts'
import { findProblems } from './axe.ts'
import { useBrowser } from './browser.ts'
import type { OpenOptions } from './browser.ts'
import type { ChatPage } from './chat-page.ts'
import { Line } from './line.ts'
import { numbered, seed } from './seed.ts'

const browser = useBrowser()
const PHONE = { viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true } as const

for (const [name, options] of [
  ['in light', { colorScheme: 'light' }],
  ['in dark', { colorScheme: 'dark' }],
  ['on a phone', { ...PHONE, colorScheme: 'light' }],
  ['on a phone in dark', { ...PHONE, colorScheme: 'dark' }],
] as const satisfies readonly (readonly [string, OpenOptions])[]) {
  test(`axe finds nothing ${name}: first visit, messages in every state, banner, panels open`, async (t) => {
    const { chat, line } = await conversation(t, options)
    await check(chat, 'the first visit')
    await chat.page.getByLabel('Choose a handle').fill('Ada')
    await chat.page.getByLabel('Choose a handle').press('Enter')
    await chat.button('You are Ada').waitFor()

    await chat.sendByButton('mine, and deleted')
    await chat.stored('mine, and deleted')
    await openMenu(chat, 'mine, and deleted')
    await check(chat, 'the menu')
    await chat.page.getByRole('menuitem', { name: 'More reactions…' }).click()
    await check(chat, 'the emoji')
    await chat.page.keyboard.press('Escape')
    await openMenu(chat, 'mine, and deleted')
    await chat.page.getByRole('menuitem', { name: 'Heart' }).click()
    await chat.button('❤️ 1: Ada').waitFor()
    await check(chat, 'a reaction')
    await openMenu(chat, 'mine, and deleted')
    await chat.page.getByRole('menuitem', { name: 'Edit message' }).click()
    await check(chat, 'an edit')
    await chat.page.keyboard.press('Escape')
    await openMenu(chat, 'mine, and deleted')
    await chat.page.getByRole('menuitem', { name: 'Delete message…' }).click()
    await check(chat, 'the question before a deletion')
    await chat.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await chat.rows.last().getByText('Message deleted').waitFor()
    await chat.button('1 person here').click()
    await check(chat, 'who is here')
    await chat.page.keyboard.press('Escape')
    await chat.page.getByRole('button', { name: 'switch rooms' }).click()
    await check(chat, 'the rooms')
    await chat.page.keyboard.press('Escape')
    await chat.button('You are Ada').click()
    await check(chat, 'the handle')
    await chat.page.keyboard.press('Escape')

    line.hold()
    await chat.sendByButton('failing')
    await chat.row('failing').getByText('Sending…').waitFor()
    await check(chat, 'a pending message')
    await chat.page.clock.fastForward(11_000)
    await chat.row('failing').getByText('Not sent').waitFor()
    line.cut()
    await chat.page.clock.runFor(3_000)
    await chat.banner.waitFor()
    await chat.composer.fill('x'.repeat(4_001))
    await check(chat, 'a failed message, the banner and too long a text')
  })
}

test('Tab goes from the header to the list, which is one stop, to the composer; the arrows walk the messages', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(5))
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.endsWith('message 5')
  const { keyboard } = chat.page
  await chat.page.getByRole('button', { name: 'You are' }).focus()
  await keyboard.press('Tab')
  assert.match(await focusedLabel(chat), /message 5$/)
  await keyboard.press('ArrowUp')
  assert.match(await focusedLabel(chat), /message 4$/)
  await keyboard.press('Home')
  assert.match(await focusedLabel(chat), /message 1$/)
  await keyboard.press('ArrowDown')
  assert.match(await focusedLabel(chat), /message 2$/)
  await keyboard.press('Tab')
  assert.match(await focusedLabel(chat), /^Message lobby/)
  await chat.composer.focus()
  await keyboard.press('Shift+Tab')
  assert.match(await focusedLabel(chat), /message 2$/)
  await keyboard.press('End')
  assert.match(await focusedLabel(chat), /message 5$/)
  await keyboard.press('Enter')
  await chat.page.getByRole('menu').waitFor()
  await keyboard.press('Escape')
  assert.match(await focusedLabel(chat), /message 5$/)
})

test('new messages are put into a polite log once; history, edits and my own are not', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(3))
  const ada = await browser.open(t, server, { handle: 'Ada' })
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await ada.endsWith('message 3')
  const log = ada.page.getByRole('log')
  assert.equal(await log.getAttribute('aria-live'), 'polite')
  await ada.send('mine')
  await bob.endsWith('mine')
  await bob.send('helo')
  await ada.endsWith('helo')
  await bob.stored('helo')
  await bob.composer.press('ArrowUp')
  const box = bob.page.getByRole('textbox', { name: 'Edit message' })
  await box.fill('hello')
  await box.press('Enter')
  await ada.page.getByText('(edited)').waitFor()
  assert.deepEqual(await log.locator('p').allInnerTexts(), ['Bob: helo'])
})

test('older history that is loaded is not read', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', numbered(120))
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.endsWith('message 120')
  await chat.onScroller((scroller) => scroller.scrollTo(0, 0))
  await chat.received('page')
  await chat.row('message 60').waitFor({ state: 'attached' })
  await seed(server.backend, 'lobby', [{ text: 'news' }])
  const log = chat.page.getByRole('log')
  await log.getByText('Ann: news').waitFor()
  assert.deepEqual(await log.locator('p').allInnerTexts(), ['Ann: news'])
})

test('the list holds labelled items only, and the dividers are inside of them', async (t) => {
  const server = await startServer(t)
  await seed(server.backend, 'lobby', [{ text: 'hello', postedAt: new Date(2026, 1, 3, 9, 57).getTime() }])
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.endsWith('hello')
  const children = await chat.list.evaluate((list) => [...list.children].map(({ tagName }) => tagName))
  assert.deepEqual(children, ['LI'])
  assert.equal(await chat.list.getAttribute('role'), 'list')
  assert.match((await chat.rows.getAttribute('aria-label')) ?? '', /^Ann, 9:57\sAM, hello$/)
  assert.equal(await chat.rows.locator('.day').count(), 1)
})

test('Esc closes what is topmost only, and the focus goes back to what opened it', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.send('one')
  await chat.send('two')
  await chat.stored('two')
  const box = chat.page.getByRole('textbox', { name: 'Edit message' })
  await chat.composer.press('ArrowUp')
  await box.waitFor()
  await chat.openMenu('one')
  await chat.page.keyboard.press('Escape')
  await chat.page.getByRole('menu').waitFor({ state: 'detached' })
  assert.equal(await focusedLabel(chat), 'More actions')
  assert.equal(await box.count(), 1)

  const members = chat.button('1 person here')
  await members.click()
  await chat.page.getByRole('dialog', { name: 'People here' }).waitFor()
  await chat.page.keyboard.press('Escape')
  await chat.page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(await focusedLabel(chat), '1 person here')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`wherever Tab leads the focus shows, in ${colorScheme}`, async (t) => {
    const server = await startServer(t)
    await seed(server.backend, 'lobby', numbered(5))
    const chat = await browser.open(t, server, { colorScheme })
    await chat.endsWith('message 5')
    await chat.button('1 person here').focus()
    const seen = new Set<string>()
    for (let label = await focusedLabel(chat); label !== ''; label = await focusedLabel(chat)) {
      assert.ok(await showsFocus(chat), `nothing shows the focus on "${label}"`)
      seen.add(label)
      await chat.page.keyboard.press('Tab')
    }
    assert.ok(seen.size >= 4, [...seen].join())
  })
}

for (const [name, options] of [
  ['at 320 px', { viewport: { width: 320, height: 480 } }],
  ['at 200 % zoom', { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
  ['on a phone of 320 px', { ...PHONE, viewport: { width: 320, height: 480 } }],
] as const satisfies readonly (readonly [string, OpenOptions])[]) {
  test(`${name} nothing is cut, nothing scrolls sideways, and every target is large enough`, async (t) => {
    const { chat, line } = await conversation(t, options)
    const isTouch = 'hasTouch' in options
    await chat.rows.last().waitFor()
    await checkFit(chat, isTouch)
    await chat.page.getByLabel('Choose a handle').fill('A name that is as long as names may be..')
    await chat.page.getByLabel('Choose a handle').press('Enter')
    await chat.sendByButton('w'.repeat(300))
    await chat.stored('w'.repeat(300))
    await openMenu(chat, 'w'.repeat(300))
    await checkFit(chat, isTouch)
    await chat.page.getByRole('menuitem', { name: 'Heart' }).click()
    await chat.page.locator('.reaction').waitFor()
    await openMenu(chat, 'w'.repeat(300))
    await chat.page.getByRole('menuitem', { name: 'More reactions…' }).click()
    await checkFit(chat, isTouch)
    await chat.page.keyboard.press('Escape')
    line.hold()
    await chat.sendByButton('failing')
    await chat.page.clock.fastForward(11_000)
    await chat.button('Retry').waitFor()
    await checkFit(chat, isTouch)
  })
}

test('who wants no motion gets none', async (t) => {
  const { chat, line } = await conversation(t, { reducedMotion: 'reduce' })
  await chat.rows.last().waitFor()
  line.cut()
  await chat.page.clock.runFor(3_000)
  await chat.banner.waitFor()
  const durations = await chat.page.locator('natter-chat').evaluate((element) =>
    [...(element.shadowRoot?.querySelectorAll('*') ?? [])].flatMap((each) => {
      const { transitionDuration, animationName, animationDuration } = getComputedStyle(each)
      return [transitionDuration, animationName === 'none' ? '0s' : animationDuration]
    }),
  )
  assert.deepEqual(new Set(durations.flatMap((each) => each.split(', '))), new Set(['0s']))
})

test('in forced colours borders and the focus are kept', async (t) => {
  const { chat } = await conversation(t, { forcedColors: 'active' })
  await chat.rows.last().waitFor()
  const composer = chat.page.locator('.composer')
  await chat.composer.focus()
  const { borderStyle, outlineStyle } = await composer.evaluate((element) => {
    const { borderStyle: border, outlineStyle: outline } = getComputedStyle(element)
    return { borderStyle: border, outlineStyle: outline }
  })
  assert.deepEqual([borderStyle, outlineStyle], ['solid', 'solid'])
  assert.equal(
    await chat.page
      .locator('.messages .avatar')
      .first()
      .evaluate((element) => getComputedStyle(element).borderStyle),
    'solid',
  )
  await chat.page.keyboard.press('Shift+Tab')
  assert.ok(await showsFocus(chat))
})

/** A room with something to see in it, a page, and the line between them. */
async function conversation(t: TestContext, options: OpenOptions): Promise<{ chat: ChatPage; line: Line }> {
  const server = await startServer(t)
  const yesterday = Date.now() - 26 * 60 * 60_000
  await seed(server.backend, 'lobby', [
    { text: 'from yesterday', postedAt: yesterday },
    { text: 'https://example.com/a-long-address/with-no-space-in-it/anywhere-at-all/to-break-it?or=so', author: 'Bob' },
    { text: 'hello' },
  ])
  const line = await Line.to(t, server)
  const chat = await browser.open(t, line, { withClock: true, ...options })
  await chat.rows.last().waitFor()
  return { chat, line }
}

/** By a keyboard, so that it works on a phone as well. */
async function openMenu(chat: ChatPage, text: string): Promise<void> {
  await chat.row(text).focus()
  await chat.page.keyboard.press('Enter')
  await chat.page.getByRole('menu').waitFor()
}

async function check(chat: ChatPage, what: string): Promise<void> {
  assert.deepEqual(await findProblems(chat), [], what)
}

async function checkFit({ page }: ChatPage, isTouch: boolean): Promise<void> {
  const faults = await page.locator('natter-chat').evaluate(
    (element, least) => {
      const root = element.shadowRoot
      const all = [...(root?.querySelectorAll<HTMLElement>('*') ?? [])].filter((each) => each.checkVisibility())
      const seen = all.filter((each) => getComputedStyle(each).visibility === 'visible' && !each.closest('.unseen'))
      const sideways = [document.documentElement, ...seen]
        .filter(
          (each) =>
            each.clientWidth > 1 &&
            each.scrollWidth > each.clientWidth &&
            getComputedStyle(each).overflowX !== 'visible',
        )
        .filter((each) => getComputedStyle(each).textOverflow !== 'ellipsis')
      const outside = seen.filter((each) => {
        const { left, right, width } = each.getBoundingClientRect()
        return width > 0 && (left < -0.5 || right > innerWidth + 0.5)
      })
      const small = seen
        .filter((each) => each.matches('button, input, textarea'))
        .filter((each) => {
          const { width, height } = each.getBoundingClientRect()
          return Math.round(width) < least || Math.round(height) < least
        })
      return [sideways, outside, small].map((faulty) => faulty.map(({ outerHTML }) => outerHTML.slice(0, 120)))
    },
    isTouch ? 44 : 24,
  )
  const [sideways, outside, small] = faults
  assert.deepEqual({ sideways, outside, small }, { sideways: [], outside: [], small: [] })
}

/** What it is called, or nearly, of what has the focus. */
function focusedLabel({ page }: ChatPage): Promise<string> {
  return page.locator('natter-chat').evaluate((element) => {
    const focused = element.shadowRoot?.activeElement?.cloneNode(true) as Element | undefined
    for (const hidden of focused?.querySelectorAll('[aria-hidden]') ?? []) hidden.remove()
    return focused ? (focused.getAttribute('aria-label') ?? (focused.id || focused.textContent)) : ''
  })
}

/** Whether what has the focus, or the box around it, looks different from how it does without. */
async function showsFocus({ page }: ChatPage): Promise<boolean> {
  const focused = await page.locator('natter-chat').locator(':focus').elementHandle()
  if (!focused) return false
  const withFocus = await focused.evaluate(outlinesOf)
  await focused.evaluate((element) => (element as HTMLElement).blur())
  const without = await focused.evaluate(outlinesOf)
  await focused.focus()
  return withFocus !== without
}

function outlinesOf(element: Element): string {
  return [element, element.querySelector('.message'), element.closest('.composer, .edit-box')]
    .map((each) => {
      if (!each) return ''
      const { outlineStyle, outlineColor, outlineWidth, boxShadow, borderColor } = getComputedStyle(each)
      return [outlineStyle === 'none' ? '' : outlineWidth + outlineColor, boxShadow, borderColor].join()
    })
    .join()
}
