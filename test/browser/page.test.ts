import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'

const browser = useBrowser()

test('on a first visit there are a handle box and a text box; what one page sends is on every open page at once', async (t) => {
  const server = await startServer(t)
  const ada = await browser.open(t, server)
  const bob = await browser.open(t, server)
  await ada.page.getByLabel('Choose a handle').fill('Ada')
  await ada.composer.fill('hello')
  await ada.composer.press('Enter')
  await ada.stored('hello')
  for (const chat of [ada, bob]) {
    await chat.endsWith('hello')
    assert.deepEqual(await chat.page.locator('.author').allInnerTexts(), ['Ada'])
  }
  assert.equal(await ada.page.getByLabel('Choose a handle').count(), 0)

  // Nobody has to choose one.
  await bob.send('hi')
  await ada.endsWith('hi')
  await ada.page.locator('.author', { hasText: /^Guest / }).waitFor()
})

test('a reload shows the history, and knows who I am', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server)
  await chat.page.getByLabel('Choose a handle').fill('Ada')
  await chat.page.getByLabel('Choose a handle').press('Enter')
  assert.ok(await chat.composer.evaluate((box) => box.matches(':focus')))
  await chat.send('hello')
  await chat.stored('hello')
  await chat.page.reload()
  await chat.endsWith('hello')
  assert.equal(await chat.row('hello').locator('.own').count(), 1)
  await chat.button('You are Ada').waitFor()
  assert.equal(await chat.page.getByLabel('Choose a handle').count(), 0)
})

test('the handle can be changed in the header, for what is said from then on', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.send('one')
  await chat.stored('one')
  await chat.button('You are Ada').click()
  const box = chat.page.getByRole('textbox', { name: 'Your handle' })
  assert.equal(await box.inputValue(), 'Ada')
  await box.fill('Countess')
  await box.press('Enter')
  await chat.button('You are Countess').waitFor()
  await chat.send('two')
  await chat.stored('two')
  assert.deepEqual(await chat.page.locator('.author').allInnerTexts(), ['Ada', 'Countess'])
  assert.equal(await chat.list.locator('.own').count(), 2)
})

test('/ is the lobby and /r/<name> any other room; each says who is in it', async (t) => {
  const server = await startServer(t)
  const lobby = await browser.open(t, server, { handle: 'Ada' })
  const tea = await browser.open(t, server, { handle: 'Bob', room: 'tea' })
  const other = await browser.open(t, server, { handle: 'Cat', room: 'tea' })
  await lobby.page.getByRole('heading', { level: 1, name: 'lobby' }).waitFor()
  await tea.page.getByRole('heading', { level: 1, name: 'tea' }).waitFor()
  assert.equal(await tea.page.title(), 'tea · Natter')
  await tea.send('in tea')
  await other.endsWith('in tea')
  assert.equal(await lobby.rows.count(), 0)
  await lobby.button('1 person here').waitFor()
  await tea.button('2 people here').click()
  const people = tea.page.getByRole('dialog', { name: 'People here' }).getByRole('listitem')
  assert.deepEqual(
    (await people.allInnerTexts()).map((text) => text.split('\n').at(-1)),
    ['you', 'Cat'],
  )
})

test('an empty room says so, and a room that does not exist leads to the lobby', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.page.getByText('Nobody has said anything yet').waitFor()
  await chat.page.locator('natter-chat').evaluate((element) => element.setAttribute('room', '/no/room/'))
  await chat.page.getByRole('heading', { name: 'There is no such room' }).waitFor()
  const link = chat.page.getByRole('link', { name: 'Go to the lobby' })
  assert.equal(await link.getAttribute('href'), `${server.url}/`)
  await chat.page.locator('natter-chat').evaluate((element) => element.setAttribute('room', 'tea'))
  await chat.page.getByRole('heading', { level: 1, name: 'tea' }).waitFor()
})

test('an attribute that changes opens another room, and removing the element closes the connection', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.page.locator('.beginning').waitFor()
  await chat.page.locator('natter-chat').evaluate((element) => element.setAttribute('room', 'tea'))
  await chat.page.getByRole('heading', { level: 1, name: 'tea' }).waitFor()
  await chat.send('in tea')
  await chat.stored('in tea')
  const closed = chat.closedSocket()
  await chat.page.locator('natter-chat').evaluate((element) => element.remove())
  await closed
})

test('without JavaScript the page says what it needs', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { javaScriptEnabled: false })
  const notice = chat.page.locator('noscript')
  await notice.locator('p').waitFor()
  assert.match(await notice.innerText(), /needs JavaScript/)
  assert.equal(await notice.locator('a').innerText(), 'load the page again')
  assert.equal(await chat.page.locator('natter-chat').isVisible(), false)
})

test('the first load is at most 39.6 KB: document, script and style, compressed', async (t) => {
  const server = await startServer(t)
  const html = await (await fetch(server.url)).text()
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '')
  assert.ok(assets.length >= 3, assets.join())
  const bodies = await Promise.all(assets.map(async (path) => (await fetch(server.url + path)).bytes()))
  const sizes = [Buffer.from(html), ...bodies].map((body) => gzipSync(body).byteLength)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  assert.ok(total <= 39_600, `${total} bytes: ${sizes.join(' + ')}`)
})

test('the page loads nothing from anywhere else, and nothing it does not name', async (t) => {
  const server = await startServer(t)
  const chat = await browser.open(t, server, { handle: 'Ada' })
  const hosts = new Set<string>()
  await chat.page.locator('.beginning').waitFor()
  chat.page.on('request', (request) => hosts.add(new URL(request.url()).host))
  await chat.page.reload()
  await chat.send('https://example.com/')
  await chat.page.getByRole('link').waitFor()
  assert.deepEqual([...hosts], [new URL(server.url).host])
})

test('a handle that the server does not take keeps nobody out: the page asks for another', async (t) => {
  const server = await startServer(t, { limits: { nameCodePoints: 5 } })
  const chat = await browser.open(t, server, { handle: 'Adalbert' })
  const box = chat.page.getByLabel('Choose a handle')
  await chat.send('let me in')
  await chat.stored('let me in')
  await chat.page.locator('.author', { hasText: /^Guest / }).waitFor()
  // What is typed now is cut to what the server said.
  await box.fill('Ada\u202Elbert')
  await box.press('Enter')
  await chat.button('You are Ada l').waitFor()
  assert.equal(await box.count(), 0)
})
