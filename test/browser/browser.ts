import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { TestContext } from 'node:test'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { findChromium } from '../../scripts/test-requirements.ts'
import { ChatPage } from './chat-page.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A wheel's step is one frame's, so that a test knows when it is over.
  '--disable-smooth-scrolling',
]

export interface OpenOptions extends BrowserContextOptions {
  /** Opens that room instead of the lobby. */
  readonly room?: string | undefined
  /** The handle, chosen on an earlier visit. Without it this is the first one. */
  readonly handle?: string | undefined
  /** Puts the page's timers and dates into the hands of the test, by `page.clock`. */
  readonly withClock?: boolean | undefined
  /** Adds up what moves on the page by itself in `globalThis.layoutShift`. */
  readonly watchesShifts?: boolean | undefined
  /** Answers each WebSocket with this close code, as a server does that refuses the user. */
  readonly closesWith?: number | undefined
  /** As while the script is still on its way. */
  readonly withoutScript?: boolean | undefined
  /** A complaint that the test brings about, besides those about lines that it cuts. */
  readonly complains?: RegExp | undefined
}

export interface TestBrowser {
  /** A page of a browser that shares nothing with the others, closed after the test. What the page complains of fails the test. */
  open(t: TestContext, server: { readonly url: string }, options?: OpenOptions): Promise<ChatPage>
  /** Another tab of the same browser. */
  openTab(t: TestContext, other: ChatPage): Promise<ChatPage>
}

/** One real browser for the tests of a file, from the first that needs it. */
export function useBrowser(): TestBrowser {
  let launched: Promise<Browser> | undefined
  after(async () => (await launched)?.close())

  return {
    async open(
      t,
      { url },
      { room, handle, withClock, watchesShifts, withoutScript, closesWith, complains, ...options } = {},
    ) {
      launched ??= chromium.launch({ executablePath: findChromium() ?? 'chromium', args: FLAGS })
      const browser = await launched
      const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...options })
      t.after(() => context.close())
      if (handle !== undefined) {
        await context.addInitScript(rememberHandle, { origin: url, handle })
      }
      const page = await context.newPage()
      const chat = new ChatPage(page)
      failOnComplaints(t, page, complains)
      if (withoutScript) await page.route('**/*.js', () => {})
      if (closesWith !== undefined) {
        await page.routeWebSocket(/./, (socket) => void socket.close({ code: closesWith, reason: 'refused' }))
      }
      if (watchesShifts) await page.addInitScript(addUpShifts)
      if (withClock) await page.clock.install()
      await page.goto(room === undefined ? `${url}/` : `${url}/r/${room}`, { waitUntil: 'commit' })
      return chat
    },
    async openTab(t, { page: other }) {
      const page = await other.context().newPage()
      const chat = new ChatPage(page)
      failOnComplaints(t, page)
      await page.goto(other.url())
      return chat
    },
  }
}

function rememberHandle({ origin, handle }: { readonly origin: string; readonly handle: string }): void {
  const name = `natter:${origin}/:handle`
  if (location.origin === origin && !localStorage.getItem(name)) localStorage.setItem(name, handle)
}

function addUpShifts(): void {
  Object.assign(globalThis, { layoutShift: 0 })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      Object.assign(globalThis, { layoutShift: Reflect.get(globalThis, 'layoutShift') + Reflect.get(entry, 'value') })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

function failOnComplaints(t: TestContext, page: ChatPage['page'], expected?: RegExp): void {
  const complaints: string[] = []
  page.on('pageerror', (error) => {
    // Nor is a token that is asked for when the test has closed the server it comes from.
    if (error.message !== 'Failed to fetch') complaints.push(String(error))
  })
  page.on('console', (message) => {
    // A line that a test cuts is no fault of the page.
    const isCutLine = /^WebSocket connection to|net::ERR_/.test(message.text())
    const isExpected = isCutLine || expected?.test(message.text())
    if (message.type() === 'error' && !isExpected) complaints.push(message.text())
  })
  t.after(() => assert.deepEqual(complaints, []))
}
