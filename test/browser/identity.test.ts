import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { NatterChat } from '../../src/element.ts'
import { startServer } from '../helpers.ts'
import { sign, SIGNED_IN } from '../identity/tokens.ts'
import { useBrowser } from './browser.ts'
import { startHostPage } from './host-page.ts'

const browser = useBrowser()

test('token-url is asked with the page, as text or as JSON; nobody signed in is a state that the page hears of and ends', async (t) => {
  const server = await startServer(t, { ...SIGNED_IN, origins: ['*'] })
  const [ada, bob] = [await sign(), await sign({ sub: 'bob', name: 'Bob' })]
  let user: 'nobody' | 'page' | 'ada' | 'bob' = 'nobody'
  const answers = {
    nobody: { status: 401, body: 'sign in' },
    // As where an app redirects to it.
    page: { body: '<!doctype html><title>Sign in</title>' },
    ada: { body: `${ada}\n` },
    bob: { body: JSON.stringify({ token: bob }) },
  }
  const host = await startHostPage(t, {
    body: `<natter-chat src="${server.url}" room="tea" token-url="/chat-token"></natter-chat>`,
    script:
      'globalThis.asked = []; document.addEventListener("signinrequired", ({ detail }) => asked.push(detail.message))',
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
    routes: { '/chat-token': () => answers[user] },
  })
  // The browser itself says that the address answered 401.
  const chat = await browser.open(t, host, { complains: /status of 401/ })
  await chat.page.getByRole('heading', { name: 'Sign in to chat' }).waitFor()
  const asked = () => chat.page.evaluate(() => Reflect.get(globalThis, 'asked') as string[])
  assert.deepEqual(await asked(), ['nobody is signed in'])

  user = 'page'
  await chat.button('Try again').click()
  await chat.page.waitForFunction(() => (Reflect.get(globalThis, 'asked') as string[] | undefined)?.length === 2)
  assert.deepEqual(chat.socketUrls, [])

  user = 'ada'
  await chat.page.locator('natter-chat').evaluate((element: NatterChat) => element.connect())
  await chat.send('hello')
  await chat.stored('hello')
  assert.deepEqual(await chat.page.locator('.author').allInnerTexts(), ['Ada'])
  // Who they are is the app's to say.
  assert.equal(await chat.page.getByLabel('Choose a handle').count(), 0)
  assert.equal(await chat.page.getByRole('button', { name: 'You are' }).count(), 0)

  user = 'bob'
  await chat.page.reload()
  await chat.send('hello as well')
  await chat.page.locator('.author', { hasText: /^Bob$/ }).waitFor()
})

test('tokenProvider may be set before the script has run; one function is one user and one socket, another is another user', async (t) => {
  const server = await startServer(t, { ...SIGNED_IN, origins: ['*'] })
  const tokens = { ada: await sign(), bob: await sign({ sub: 'bob', name: 'Bob' }) }
  const host = await startHostPage(t, {
    body: `
      <natter-chat src="${server.url}" room="tea"></natter-chat>
      <natter-chat src="${server.url}" room="coffee"></natter-chat>`,
    script: `
      globalThis.tokens = ${JSON.stringify(tokens)}
      const provider = async () => tokens.ada
      for (const chat of document.querySelectorAll('natter-chat')) chat.tokenProvider = provider`,
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
  })
  const chat = await browser.open(t, host)
  const [tea, coffee] = [chat.page.locator('natter-chat').first(), chat.page.locator('natter-chat').last()]
  await tea.getByRole('textbox', { name: 'Message tea' }).fill('hello')
  await tea.getByRole('textbox', { name: 'Message tea' }).press('Enter')
  await tea.locator('.author', { hasText: /^Ada$/ }).waitFor()
  await coffee.locator('.beginning').waitFor()
  assert.equal(chat.socketUrls.length, 1)

  await coffee.evaluate((element: NatterChat) => {
    const { bob } = Reflect.get(globalThis, 'tokens') as { bob: string }
    element.tokenProvider = () => bob
  })
  await coffee.getByRole('textbox', { name: 'Message coffee' }).fill('hi')
  await coffee.getByRole('textbox', { name: 'Message coffee' }).press('Enter')
  await coffee.locator('.author', { hasText: /^Bob$/ }).waitFor()
  assert.equal(chat.socketUrls.length, 2)
  assert.equal(await tea.evaluate((element: NatterChat) => element.user?.name), 'Ada')
})

test('a token that cannot be had is an error that the page hears of, or else its console', async (t) => {
  const server = await startServer(t, { ...SIGNED_IN, origins: ['*'] })
  const host = await startHostPage(t, {
    body: `<natter-chat src="${server.url}" room="tea"></natter-chat>`,
    script: `
      globalThis.heard = []
      globalThis.reported = []
      addEventListener('error', (event) => {
        reported.push(String(event.error))
        event.preventDefault()
      })
      const chat = document.querySelector('natter-chat')
      document.addEventListener('error', (event) => {
        heard.push([event.target.localName, event.detail.stage, String(event.detail.error)])
        if (heard.length > 1) event.preventDefault()
      })
      chat.tokenProvider = () => Promise.reject(new Error('no tokens today'))`,
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
  })
  const chat = await browser.open(t, host)
  const read = (name: string) => chat.page.evaluate((key) => Reflect.get(globalThis, key) as unknown, name)
  await chat.page.waitForFunction(() => ((Reflect.get(globalThis, 'heard') as unknown[] | undefined)?.length ?? 0) >= 2)
  const fault = ['natter-chat', 'token', 'Error: no tokens today']
  // It goes on asking, and may have by now.
  assert.deepEqual(((await read('heard')) as unknown[]).slice(0, 2), [fault, fault])
  assert.deepEqual(await read('reported'), ['Error: no tokens today'])
})

test('a token that the server refuses leads to the same state', async (t) => {
  const server = await startServer(t, { ...SIGNED_IN, origins: ['*'] })
  const expired = await sign({ exp: 1_000_000_000 })
  const host = await startHostPage(t, {
    body: `<natter-chat src="${server.url}" room="tea"></natter-chat>`,
    script: `
      globalThis.refusals = []
      document.querySelector('natter-chat').tokenProvider = (refused) => {
        refusals.push(refused)
        return '${expired}'
      }`,
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
  })
  const chat = await browser.open(t, host)
  await chat.page.getByRole('heading', { name: 'Sign in to chat' }).waitFor()
  assert.deepEqual(await chat.page.evaluate(() => Reflect.get(globalThis, 'refusals')), [false, true])
})

test('where cookies of other sites are blocked a guest chats, and is the same one after a reload', async (t) => {
  const server = await startServer(t, { origins: ['*'] })
  const jar = await startCookieJar(t)
  const host = await startHostPage(t, {
    body: `<natter-chat src="${server.url}" room="tea" name="Ada"></natter-chat>`,
    scripts: [`${server.url}/element.js`],
    allows: [server.url, jar],
  })
  const chat = await browser.open(t, { url: 'about:blank#' })
  await chat.page.goto(jar)
  await chat.page.reload()
  assert.equal(await chat.page.innerText('body'), 'seen=1')
  const devTools = await chat.page.context().newCDPSession(chat.page)
  await devTools.send('Network.enable')
  await devTools.send('Network.setCookieControls', { enableThirdPartyCookieRestriction: true })
  await chat.page.goto(host.url)
  const cookies = await chat.page.evaluate(async (url) => (await fetch(url, { credentials: 'include' })).text(), jar)
  assert.equal(cookies, 'none')
  await chat.send('hello')
  await chat.stored('hello')
  await chat.page.reload()
  await chat.endsWith('hello')
  assert.equal(await chat.row('hello').locator('.own').count(), 1)
})

test('in a frame that may store nothing it works all the same', async (t) => {
  const server = await startServer(t, { origins: ['*'] })
  const host = await startHostPage(t, {
    body: '<iframe title="chat" sandbox="allow-scripts" src="/framed" width="600" height="500"></iframe>',
    allows: [server.url],
    routes: {
      '/framed': () => ({
        body: `<!doctype html><script type="module" src="${server.url}/element.js"></script>
          <natter-chat src="${server.url}" room="tea" name="Ada" rooms></natter-chat>`,
      }),
    },
  })
  const chat = await browser.open(t, host)
  const frame = chat.page.frameLocator('iframe')
  await frame.getByRole('textbox', { name: 'Message tea' }).fill('from a frame')
  await frame.getByRole('textbox', { name: 'Message tea' }).press('Enter')
  await frame.locator('[data-delivery=stored]', { hasText: 'from a frame' }).waitFor()
  assert.equal(await frame.locator('body').evaluate(() => origin), 'null')
  await frame.getByRole('button', { name: 'switch rooms' }).click()
  await frame.getByRole('link', { name: 'lobby' }).click()
  await frame.getByRole('textbox', { name: 'Message lobby' }).waitFor()
})

/** An address of another site that sets a cookie and says which ones it got. */
async function startCookieJar(t: TestContext): Promise<string> {
  const server = createServer(({ headers }, response) => {
    response.writeHead(200, {
      'Access-Control-Allow-Origin': headers.origin ?? '*',
      'Access-Control-Allow-Credentials': 'true',
      'Set-Cookie': 'seen=1; SameSite=None; Secure',
    })
    response.end(headers.cookie ?? 'none')
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
