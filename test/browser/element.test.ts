import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { NatterChat } from '../../src/element.ts'
import { startServer } from '../helpers.ts'
import type { TestServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import type { OpenOptions } from './browser.ts'
import type { ChatPage } from './chat-page.ts'
import { startHostPage } from './host-page.ts'
import type { HostPage, HostPageOptions } from './host-page.ts'
import { numbered, seed } from './seed.ts'

const browser = useBrowser()

interface Embedded {
  readonly server: TestServer
  readonly host: HostPage
  readonly chat: ChatPage
}

/** A chat, and a page of another site whose body, told where the chat is, has elements in it. */
async function embed(
  t: TestContext,
  body: (chat: string) => string,
  options: Partial<HostPageOptions> & OpenOptions = {},
): Promise<Embedded> {
  const server = await startServer(t, { origins: ['*'] })
  const host = await startHostPage(t, {
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
    ...options,
    body: body(server.url),
  })
  const chat = await browser.open(t, host, options)
  return { server, host, chat }
}

const inRoom = (room: string) => (chat: string) => `<natter-chat src="${chat}" room="${room}" name="Ada"></natter-chat>`

test('one script tag in a page of another site, under a strict policy: a chat, and no request to anywhere else', async (t) => {
  const server = await startServer(t, { origins: ['*'] })
  const host = await startHostPage(t, {
    body: inRoom('tea')(server.url),
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
  })
  const chat = await browser.open(t, { url: 'about:blank#' })
  const origins = new Set<string>()
  chat.page.on('request', (request) => origins.add(new URL(request.url()).origin))
  await chat.page.goto(host.url)
  const other = await browser.open(t, server, { handle: 'Bob', room: 'tea' })
  await chat.send('hello from the shop, see https://example.com/')
  await other.endsWith('hello from the shop, see https://example.com/')
  await other.send('welcome')
  await chat.endsWith('welcome')
  await chat.page.getByRole('link', { name: 'https://example.com/' }).waitFor()
  await chat.openMenu('welcome')
  await chat.page.keyboard.press('Escape')
  assert.deepEqual([...origins].toSorted(), [host.url, server.url].toSorted())
  assert.deepEqual(chat.socketUrls, [server.socketUrl])
})

test('what the element loads first is at most 37.7 KB compressed', async (t) => {
  const server = await startServer(t)
  const sizes = new Map<string, number>()
  const waiting = [`${server.url}/element.js`]
  for (const url of waiting) {
    if (sizes.has(url)) continue
    const text = await (await fetch(url)).text()
    sizes.set(url, gzipSync(text).byteLength)
    for (const [, path = ''] of text.matchAll(/(?:from|import)\s*['"](\.[^'"]+)['"]/g)) {
      waiting.push(new URL(path, url).href)
    }
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  assert.ok(sizes.size >= 2 && total > 20_000, [...sizes.keys()].join())
  assert.ok(total <= 37_700, `${total} bytes: ${[...sizes.values()].join(' + ')}`)
})

test('the style of the page does not get in; tokens, parts and the theme restyle the chat', async (t) => {
  const { chat } = await embed(t, inRoom('tea'), {
    css: `
      body, body * { color: rgb(1, 2, 3); font-size: 40px; text-transform: uppercase; }
      p, button { display: none; }
      natter-chat { --natter-accent: rgb(120, 0, 120); }
      natter-chat::part(author) { color: rgb(0, 90, 0); }
      natter-chat::part(composer) { border-width: 5px; }
    `,
  })
  await chat.send('hello')
  const row = await chat.stored('hello')
  const styleOf = (name: string, property: string) =>
    chat.page
      .locator(name)
      .first()
      .evaluate((element, key) => getComputedStyle(element).getPropertyValue(key), property)
  assert.equal(await row.locator('.text').isVisible(), true)
  assert.equal(await styleOf('.text', 'font-size'), '15px')
  assert.equal(await styleOf('.text', 'text-transform'), 'none')
  assert.notEqual(await styleOf('.text', 'color'), 'rgb(1, 2, 3)')
  assert.equal(await styleOf('.author', 'color'), 'rgb(0, 90, 0)')
  assert.equal(await styleOf('.composer', 'border-top-width'), '5px')
  await chat.composer.fill('more')
  await chat.page.waitForFunction(
    (send) => send && getComputedStyle(send).backgroundColor === 'rgb(120, 0, 120)',
    await chat.button('Send').elementHandle(),
  )

  const canvas = () => styleOf('natter-chat', 'background-color')
  const themes = []
  for (const theme of ['light', 'dark', 'auto'] as const) {
    await chat.page.locator('natter-chat').evaluate((element: NatterChat, value) => (element.theme = value), theme)
    themes.push(await canvas())
  }
  assert.deepEqual(themes, ['rgb(250, 249, 246)', 'rgb(22, 24, 22)', 'rgb(250, 249, 246)'])
})

test('two elements in two rooms share one socket; it closes with the last of them', async (t) => {
  const { server, chat } = await embed(t, (url) => inRoom('tea')(url) + inRoom('coffee')(url))
  const first = chat.page.locator('natter-chat').first()
  const second = chat.page.locator('natter-chat').last()
  await first.getByRole('textbox', { name: 'Message tea' }).fill('in tea')
  await first.getByRole('textbox', { name: 'Message tea' }).press('Enter')
  await second.getByRole('textbox', { name: 'Message coffee' }).fill('in coffee')
  await second.getByRole('textbox', { name: 'Message coffee' }).press('Enter')
  await first.locator('[data-delivery=stored]').getByText('in tea').waitFor()
  await second.locator('[data-delivery=stored]').getByText('in coffee').waitFor()
  assert.deepEqual(chat.socketUrls, [server.socketUrl])

  await first.evaluate((element) => element.remove())
  await chat.sent('leave', ({ room }) => room === 'tea')
  await seed(server.backend, 'coffee', [{ text: 'still here' }])
  await chat.page.getByRole('listitem').getByText('still here').waitFor()
  const closed = chat.closedSocket()
  await chat.page.locator('natter-chat').evaluate((element) => element.remove())
  await closed
})

const nameless = (url: string) => `<natter-chat src="${url}" room="coffee"></natter-chat>`

test('guests of one chat are one person: the first name there is counts', async (t) => {
  const { chat } = await embed(
    t,
    (url) => nameless(url) + inRoom('tea')(url) + nameless(url).replace('>', ' name="Bob">'),
  )
  const first = chat.page.locator('natter-chat').first()
  await first.getByRole('button', { name: 'You are Ada' }).waitFor()
  await chat.page.locator('natter-chat').last().getByRole('button', { name: 'You are Ada' }).waitFor()
  assert.equal(await first.getByLabel('Choose a handle').count(), 0)
})

test('a room or an address that cannot be is told, and without an address the link stays', async (t) => {
  const { chat } = await embed(
    t,
    (url) =>
      `<natter-chat src="${url}" room="has space"></natter-chat><natter-chat src="http://"><a href="/">Chat</a></natter-chat>`,
    {
      script: `
        globalThis.heard = []
        globalThis.reported = []
        document.addEventListener('error', (event) => {
          heard.push(event.detail.stage, event.detail.error.name)
          event.preventDefault()
        })
        addEventListener('error', (event) => {
          reported.push(event.message)
          event.preventDefault()
        })`,
    },
  )
  await chat.page.getByRole('heading', { name: 'There is no such room' }).waitFor()
  await chat.page.waitForFunction(() => (Reflect.get(globalThis, 'reported') as unknown[] | undefined)?.length === 1)
  assert.deepEqual(await chat.page.evaluate(() => Reflect.get(globalThis, 'heard') as unknown), ['room', 'RangeError'])
  const [message] = await chat.page.evaluate(() => Reflect.get(globalThis, 'reported') as [string])
  assert.match(message, /natter-chat: the attribute src is not an address/)
  assert.equal(await chat.page.getByRole('link', { name: 'Chat' }).isVisible(), true)
})

test('a second copy of the script does no harm, and its elements share the socket as well', async (t) => {
  const copy = await startServer(t)
  const server = await startServer(t, { origins: ['*'] })
  const host = await startHostPage(t, {
    body: inRoom('tea')(server.url),
    scripts: [`${server.url}/element.js`, `${copy.url}/element.js`],
    allows: [server.url, copy.url],
  })
  const chat = await browser.open(t, host)
  await chat.send('hello')
  await chat.stored('hello')
  await chat.page.evaluate((source) => import(source), `${copy.url}/element.js`)
  await chat.page.evaluate((src) => {
    const element = document.createElement('natter-chat')
    Object.assign(element, { src, room: 'coffee' })
    document.body.append(element)
  }, server.url)
  await chat.received('joined', ({ room }) => room === 'coffee')
  assert.deepEqual(chat.socketUrls, [server.socketUrl])
})

test('another room, another place in the document and another theme keep the socket; the reader stays where they were', async (t) => {
  const { server, chat } = await embed(t, (url) => `<aside></aside>${inRoom('tea')(url)}`, {
    css: 'natter-chat { display: block; block-size: 30rem }',
  })
  const element = chat.page.locator('natter-chat')
  await seed(server.backend, 'coffee', numbered(60))
  // A room that was not joined yet is not left.
  await chat.received('joined', ({ room }) => room === 'tea')
  await element.evaluate((each: NatterChat) => (each.room = 'coffee'))
  await chat.endsWith('message 60')
  await chat.sent('leave', ({ room }) => room === 'tea')
  await chat.onScroller((scroller) => scroller.scrollBy(0, -700))
  await chat.jump.waitFor()
  const before = await chat.onScroller(({ scrollTop }) => scrollTop)
  await element.evaluate((each) => document.querySelector('aside')?.append(each))
  // What is left behind is let go of in a task of its own, which this one is behind: timers of one delay fire in their order. A page that has nothing to draw may never get to a frame.
  await chat.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
  assert.equal(await chat.onScroller(({ scrollTop }) => scrollTop), before)
  await chat.send('hello')
  await chat.stored('hello')
  assert.deepEqual(chat.socketUrls, [server.socketUrl])
})

test('the page hears of messages, unread ones and the connection, and can keep a message from being sent', async (t) => {
  const { server, chat } = await embed(t, (url) => `<section>${inRoom('tea')(url)}</section>`, {
    script: `
      globalThis.heard = []
      for (const type of ['message', 'unread', 'status', 'beforesend'])
        document.addEventListener(type, (event) => heard.push([type, event.target.localName, event.composed, event.detail]))
      document.addEventListener('beforesend', (event) => {
        if (event.detail.text.includes('secret')) event.preventDefault()
      })
      globalThis.leaked = 0
      addEventListener('message', () => (leaked += 1))
    `,
  })
  const heard = (type: string) =>
    chat.page.evaluate((wanted) => {
      const all = Reflect.get(globalThis, 'heard') as [string, string, boolean, Record<string, unknown>][]
      return all.filter(([name]) => name === wanted)
    }, type)
  await chat.send('hello')
  await chat.stored('hello')
  await chat.send('a secret')
  assert.equal(await chat.composer.inputValue(), 'a secret')
  assert.equal(await chat.row('a secret').count(), 0)
  assert.deepEqual(
    (await heard('beforesend')).map(([, target, composed, { room, text }]) => [target, composed, room, text]),
    [
      ['natter-chat', true, 'tea', 'hello'],
      ['natter-chat', true, 'tea', 'a secret'],
    ],
  )
  const statuses = (await heard('status')).map(([, , , { status }]) => status)
  assert.deepEqual(statuses, ['connecting', 'open'])

  await chat.page.evaluate(() => {
    // As while the user is at another window.
    document.hasFocus = () => false
  })
  await seed(server.backend, 'tea', [{ text: 'news' }])
  await chat.endsWith('news')
  const messages = (await heard('message')).map(([, , , { message, live }]) => [
    (message as { text: string }).text,
    live,
  ])
  assert.deepEqual(messages, [
    ['hello', true],
    ['news', true],
  ])
  const unread = (await heard('unread')).map(([, , , { room, count }]) => [room, count])
  assert.deepEqual(unread.at(-1), ['tea', 1])
  assert.equal(await chat.page.evaluate(() => Reflect.get(globalThis, 'leaked')), 0)
  assert.equal(await chat.page.locator('natter-chat').evaluate((each: NatterChat) => each.unread), 1)
  await chat.page.locator('natter-chat').evaluate((each: NatterChat) => each.markRead())
  await chat.page.waitForFunction(() => document.querySelector('natter-chat')?.unread === 0)
})

test('the page can post, focus and ask', async (t) => {
  const { chat } = await embed(t, inRoom('tea'))
  await chat.composer.waitFor()
  const element = chat.page.locator('natter-chat')
  const stored = await element.evaluate(async (each: NatterChat) => {
    const { stored: promise } = each.post('from the page')
    const { seq } = await promise
    each.focus()
    return { seq, status: each.status, user: each.user?.name, room: each.room, theme: each.theme }
  })
  assert.deepEqual(stored, { seq: 1, status: 'open', user: 'Ada', room: 'tea', theme: 'auto' })
  await chat.stored('from the page')
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  const refused = await element.evaluate((each: NatterChat) => {
    const codes: unknown[] = []
    for (const attempt of [() => each.post('  '), () => document.createElement('natter-chat').post('x')]) {
      try {
        attempt()
      } catch (error) {
        codes.push(Reflect.get(Object(error), 'code'), (error as Error).name)
      }
    }
    return codes
  })
  assert.deepEqual(refused, ['text_blank', 'ChatError', 11, 'InvalidStateError'])
})

const withLink = (url: string) => `
  <h1>Shop</h1>
  <natter-chat src="${url}" room="tea"><a href="${url}/r/tea">Open the chat</a></natter-chat>
  <p>below</p>`

test('nothing on the page moves when the element is defined, and without JavaScript there is a link', async (t) => {
  const css = 'natter-chat { display: block; block-size: 25rem }'
  const { chat, host } = await embed(t, withLink, { css, watchesShifts: true })
  await chat.page.locator('.beginning').waitFor()
  assert.equal(await chat.page.evaluate(() => Reflect.get(globalThis, 'layoutShift')), 0)
  const still = await browser.open(t, host, { javaScriptEnabled: false })
  assert.match((await still.page.getByRole('link', { name: 'Open the chat' }).getAttribute('href')) ?? '', /\/r\/tea$/)
  assert.equal(await still.page.getByRole('link', { name: 'Open the chat' }).isVisible(), true)
})

for (const [width, height] of [
  [280, 320],
  [1920, 1080],
] as const) {
  test(`in ${width} by ${height} pixels it fills its box and can be used`, async (t) => {
    const { chat } = await embed(t, inRoom('tea'), {
      css: 'html, body { margin: 0; block-size: 100% } natter-chat { block-size: 100% }',
      viewport: { width, height },
    })
    await chat.send('a word that is too long for the line: Donaudampfschifffahrtsgesellschaftskapitän')
    await chat.page.locator('[data-delivery=stored]').waitFor()
    const box = await chat.page.locator('natter-chat').boundingBox()
    assert.deepEqual(box, { x: 0, y: 0, width, height })
    const overflow = await chat.onScroller(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
    assert.equal(overflow, 0)
    const list = await chat.page.locator('.scroller').boundingBox()
    assert.ok(list && list.height > 100, `the list is ${list?.height} pixels high`)
    const composer = await chat.page.locator('.composer').boundingBox()
    assert.ok(composer && composer.y + composer.height <= height && composer.x + composer.width <= width)
    await chat.button('1 person here').click()
    await chat.page.getByRole('dialog', { name: 'People here' }).waitFor()
  })
}
