import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { startServer } from '../helpers.ts'
import { inSeconds, sign, SIGNED_IN } from '../identity/tokens.ts'
import { useBrowser } from './browser.ts'
import type { ChatPage } from './chat-page.ts'
import { startHostPage } from './host-page.ts'

const browser = useBrowser()

/** The page's own way to get a token: its server knows who is signed in. */
const PROVIDE_TOKENS = `
  const chat = document.querySelector('natter-chat')
  chat.addEventListener('signinrequired', () => document.body.dataset.asked = 'yes')
  chat.tokenProvider = async () => (await (await fetch('/token')).text()) || undefined
`

/** A page of another site, whose server hands out `tokens`, the last one again and again. An empty one: nobody is signed in. */
async function embedSignedIn(t: TestContext, tokens: string[]): Promise<ChatPage> {
  const server = await startServer(t, { ...SIGNED_IN, origins: ['*'] })
  const host = await startHostPage(t, {
    body: `<natter-chat src="${server.url}" room="tea"></natter-chat>`,
    script: PROVIDE_TOKENS,
    scripts: [`${server.url}/element.js`],
    allows: [server.url],
    routes: {
      '/token': () => ({ body: (tokens.length > 1 ? tokens.shift() : tokens[0]) ?? '' }),
    },
  })
  return browser.open(t, host)
}

test('a token of the page that runs out is followed by another, without a new connection', async (t) => {
  // Five seconds are forgiven: this one counts for five more.
  const chat = await embedSignedIn(t, [await sign({ exp: inSeconds(0) }), await sign({ exp: inSeconds(600) })])
  await chat.send('as Ada')
  await chat.stored('as Ada')
  await chat.received('renewed')
  await chat.send('still Ada')
  await chat.stored('still Ada')
  assert.equal(chat.socketUrls.length, 1)
})

test('whose token is not taken, or who has none, is told to sign in, and goes on once that is done', async (t) => {
  for (const refused of [await sign({ aud: 'other.example' }), '']) {
    const tokens = [refused]
    const chat = await embedSignedIn(t, tokens)
    await chat.page.getByRole('heading', { name: 'Sign in to chat' }).waitFor()
    assert.equal(await chat.page.locator('body').getAttribute('data-asked'), 'yes')
    tokens[0] = await sign()
    await chat.button('Try again').click()
    await chat.send('signed in')
    await chat.stored('signed in')
  }
})
