import { EventEmitter, once } from 'node:events'
import type { Locator, Page } from 'playwright-core'

/** How long Playwright, too, waits for what should come. */
const PATIENCE_MS = 30_000

/** What the page says to the server, or hears from it. */
export interface Frame {
  readonly type: string
  readonly [field: string]: unknown
}

/** A page of the chat, and what a person finds on it. */
export class ChatPage {
  readonly page: Page
  readonly composer: Locator
  readonly list: Locator
  readonly rows: Locator
  readonly banner: Locator
  readonly jump: Locator

  /** Where it opened WebSockets, in that order. */
  readonly socketUrls: string[] = []

  readonly #sent: Frame[] = []
  readonly #received: Frame[] = []
  readonly #frames = new EventEmitter()

  constructor(page: Page) {
    this.page = page
    this.composer = page.getByRole('textbox', { name: /^Message / })
    this.list = page.getByRole('list', { name: 'Messages' })
    this.rows = this.list.getByRole('listitem')
    this.banner = page.locator('.banner')
    this.jump = page.getByRole('button', { name: 'Jump to latest' })
    page.on('websocket', (socket) => {
      this.socketUrls.push(socket.url())
      socket.on('close', () => this.#frames.emit('closed'))
      socket.on('framesent', ({ payload }) => {
        this.#sent.push(JSON.parse(payload.toString()) as Frame)
        this.#frames.emit('frame')
      })
      socket.on('framereceived', ({ payload }) => {
        this.#received.push(JSON.parse(payload.toString()) as Frame)
        this.#frames.emit('frame')
      })
    })
  }

  /** The row whose message says `text`. */
  row(text: string): Locator {
    return this.rows.filter({ has: this.page.getByText(text, { exact: true }) })
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** Types a message and sends it by Enter. */
  async send(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Types a message and sends it as a phone does, where Enter only adds a line. */
  async sendByButton(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.button('Send').click()
  }

  /** Until a message is in the log, by what the page shows. */
  async stored(text: string): Promise<Locator> {
    const row = this.row(text)
    await row.locator('[data-delivery=stored]').waitFor()
    return row
  }

  /** What the messages say, from the first row in the document to the last. */
  texts(): Promise<string[]> {
    return this.list.locator('.text').allInnerTexts()
  }

  /** Until the last message says `text`. */
  async endsWith(text: string): Promise<void> {
    await this.rows.last().getByText(text, { exact: true }).waitFor()
  }

  /** Opens everything that can be done with the message that says `text`. */
  async openMenu(text: string): Promise<Locator> {
    await this.row(text).hover()
    await this.row(text).getByRole('button', { name: 'More actions' }).click()
    const menu = this.page.getByRole('menu')
    await menu.waitFor()
    return menu
  }

  /** Until the open menu is on the screen, right over or under the button of the message that says `text`, which is seen. */
  async opensAt(menu: Locator, text: string): Promise<void> {
    const button = await this.row(text).getByRole('button', { name: 'More actions' }).elementHandle()
    await this.page.waitForFunction(
      ([panel, opener]) => {
        if (!panel || !opener?.checkVisibility({ visibilityProperty: true })) return false
        const [a, b] = [panel.getBoundingClientRect(), opener.getBoundingClientRect()]
        const gap = Math.max(a.top - b.bottom, b.top - a.bottom)
        const isOnScreen = a.top >= 0 && a.left >= 0 && a.bottom <= innerHeight && a.right <= innerWidth
        return isOnScreen && gap >= 0 && gap <= 8 && a.left <= b.right && a.right >= b.left
      },
      [await menu.elementHandle(), button] as const,
    )
  }

  /** Runs `read` on the box that scrolls. */
  onScroller<T>(read: (scroller: Element) => T): Promise<T> {
    return this.page.locator('.scroller').evaluate(read)
  }

  /** Scrolls as a wheel does, and waits until the page has heard of it. */
  async scrollBy(pixels: number): Promise<void> {
    const before = await this.onScroller(({ scrollTop }) => scrollTop)
    await this.list.hover()
    await this.page.mouse.wheel(0, pixels)
    await this.page.locator('.scroller').evaluate(async (scroller, top) => {
      while (scroller.scrollTop === top) await new Promise(requestAnimationFrame)
      await new Promise(requestAnimationFrame)
    }, before)
  }

  /** Until the page has sent a command of that type that `matches`. */
  sent(type: string, matches: (command: Frame) => boolean = () => true): Promise<Frame> {
    return this.#frame(this.#sent, type, matches)
  }

  /** Until the page has received an event or an answer of that type that `matches`. */
  received(type: string, matches: (event: Frame) => boolean = () => true): Promise<Frame> {
    return this.#frame(this.#received, type, matches)
  }

  /** Whether the page has sent a command of that type. */
  hasSent(type: string): boolean {
    return this.#sent.some((each) => each.type === type)
  }

  /** Once the connection that is open now is no more. */
  async closedSocket(): Promise<void> {
    await once(this.#frames, 'closed', { signal: AbortSignal.timeout(PATIENCE_MS) })
  }

  /** Forgets what the page has sent so far. */
  forgetSent(): void {
    this.#sent.length = 0
  }

  distanceToEnd(): Promise<number> {
    return this.onScroller(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)
  }

  async #frame(frames: readonly Frame[], type: string, matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = frames.find((each) => each.type === type && matches(each))
      if (frame) return frame
      await once(this.#frames, 'frame', { signal: AbortSignal.timeout(PATIENCE_MS) })
    }
  }
}
