import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { once } from 'node:events'
import type { TestContext } from 'node:test'

/** The network between a page and a server, for a test to break. */
export class Line {
  readonly #server: Server
  readonly #target: number
  readonly #pairs = new Set<{ readonly near: Socket; readonly far: Socket }>()
  #isCut = false
  #isHeld = false
  url = ''

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer((near) => this.#carry(near))
  }

  /** A line to `server`, gone after the test. Pages are opened at its `url`. */
  static async to(t: TestContext, { port }: { readonly port: number }): Promise<Line> {
    const line = new Line(port)
    line.#server.listen(0, '127.0.0.1')
    await once(line.#server, 'listening')
    line.url = `http://127.0.0.1:${(line.#server.address() as AddressInfo).port}`
    t.after(() => {
      line.cut()
      line.#server.close()
    })
    return line
  }

  /** Ends every connection without a word, as in a tunnel, and lets none through. */
  cut(): void {
    this.#isCut = true
    for (const { near, far } of this.#pairs) {
      near.destroy()
      far.destroy()
    }
  }

  restore(): void {
    this.#isCut = false
  }

  /** What the server says does not arrive, until `release()`. What the page says does. */
  hold(): void {
    this.#isHeld = true
    for (const { far } of this.#pairs) far.pause()
  }

  release(): void {
    this.#isHeld = false
    for (const { far } of this.#pairs) far.resume()
  }

  #carry(near: Socket): void {
    if (this.#isCut) {
      near.destroy()
      return
    }
    const far = connect(this.#target, '127.0.0.1')
    const pair = { near, far }
    this.#pairs.add(pair)
    near.on('data', (data) => far.write(data))
    far.on('data', (data) => near.write(data))
    if (this.#isHeld) far.pause()
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => {})
      socket.on('close', () => {
        other.destroy()
        this.#pairs.delete(pair)
      })
    }
  }
}
