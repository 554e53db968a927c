import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { useBrowser } from '../browser/browser.ts'
import type { OpenOptions } from '../browser/browser.ts'
import type { ChatPage } from '../browser/chat-page.ts'
import { startRailsApp } from './rails-app.ts'
import type { RailsApp } from './rails-app.ts'

const browser = useBrowser()

const PASSWORDS = { Ada: 'analytical', Grace: 'nanosecond' } as const

/** The page of the app with the chat in it, in a browser of its own, after the app's own sign-in. */
async function signIn(
  t: TestContext,
  app: RailsApp,
  name: keyof typeof PASSWORDS,
  options: OpenOptions = {},
): Promise<ChatPage> {
  const chat = await browser.open(t, app, options)
  await chat.page.getByLabel('Name').fill(name)
  await chat.page.getByLabel('Password').fill(PASSWORDS[name])
  await chat.button('Sign in').click()
  await chat.page.getByText(`Signed in as ${name}`).waitFor()
  return chat
}

test('users of a Rails app talk in its page under their own names', async (t) => {
  const app = await startRailsApp(t, 300)
  const [ada, grace] = await Promise.all([signIn(t, app, 'Ada'), signIn(t, app, 'Grace')])
  await ada.send('shall we?')
  await grace.row('shall we?').getByText('Ada', { exact: true }).waitFor()
  await grace.send('we shall')
  await ada.row('we shall').getByText('Grace', { exact: true }).waitFor()
  assert.deepEqual(await ada.texts(), await grace.texts())
  assert.ok(ada.socketUrls.every((url) => url.startsWith(app.natter.socketUrl)))
})

test('a token that ends is renewed on the open connection; who signed out gets none, and is out', async (t) => {
  const app = await startRailsApp(t, 2)
  // Browsers tell of every answer like that.
  const ada = await signIn(t, app, 'Ada', { complains: /status of 401/ })
  // Only a token that followed another on one connection is answered so.
  await ada.received('renewed')
  await ada.send('still here')
  await ada.stored('still here')

  const tab = await browser.openTab(t, ada)
  await tab.button('Sign out').click()
  await tab.button('Sign in').waitFor()
  await ada.page.getByText('You are signed out').waitFor()
})

test('tokens are for the session of the app alone, and pages of other sites cannot read them', async (t) => {
  const app = await startRailsApp(t, 300)
  const url = `${app.url}/chat-token`
  assert.equal((await fetch(url)).status, 401)
  const ada = await signIn(t, app, 'Ada')
  // A page that is left while it begins complains of what it could not load.
  await ada.received('welcome')
  const answer = await ada.page.request.get(url, { headers: { Origin: 'https://evil.example' } })
  assert.equal(answer.status(), 200)
  assert.equal(answer.headers()['cache-control'], 'no-store')
  assert.equal(answer.headers()['access-control-allow-origin'], undefined)
})
