import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { Mailbox } from './mailbox.ts'
import type { Closed } from './mailbox.ts'

/** What the plain dialect brings: somebody's message, or what was wrong with ours. */
export type PlainFrame = { readonly handle: string; readonly text: string } | { readonly error: string }

/** One end of a WebSocket without a subprotocol: the plain dialect, in the lobby. */
export class PlainPeer {
  readonly ws: WebSocket
  readonly #mailbox: Mailbox<PlainFrame>

  private constructor(ws: WebSocket) {
    this.ws = ws
    this.#mailbox = new Mailbox(ws)
  }

  /** An open connection. Cut when the test ends. */
  static async connect(t: TestContext, url: string): Promise<PlainPeer> {
    const ws = new WebSocket(url)
    t.after(() => ws.terminate())
    const peer = new PlainPeer(ws)
    await once(ws, 'open')
    return peer
  }

  send(frame: unknown): void {
    this.ws.send(JSON.stringify(frame))
  }

  sendRaw(frame: string | Uint8Array): void {
    this.ws.send(frame)
  }

  /** Takes the next message under that handle, which makes a test deaf to others that use the same lobby. */
  from(handle: string): Promise<PlainFrame> {
    return this.#mailbox.take(`a message by ${handle}`, (frame) => 'handle' in frame && frame.handle === handle)
  }

  /** Takes the next error. */
  complaint(): Promise<PlainFrame> {
    return this.#mailbox.take('an error', (frame) => 'error' in frame)
  }

  /** What arrived and was not taken. */
  get untaken(): readonly PlainFrame[] {
    return this.#mailbox.untaken
  }

  /** How the server ended the connection, once it did. */
  ended(): Promise<Closed> {
    return this.#mailbox.ended()
  }
}
