import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { RawData, Server } from 'ws'
import type { ConnectionHandle } from '../chat/chat.ts'
import type { Transport } from '../chat/transport.ts'
import { CLOSE } from '../protocol/close.ts'
import type { CloseStatus } from '../protocol/close.ts'
import { SUBPROTOCOL } from '../protocol/limits.ts'

/** Milliseconds a peer has to answer our close frame, and to take what was written before it. */
const CLOSE_TIMEOUT_MS = 3_000

/** ws counts frames' bytes in 32 bits. */
const MAX_INT32 = 2 ** 31 - 1

/** A client has no reason to send a command in pieces, but proxies may cut one. */
const MAX_FRAGMENTS = 64

/**
 * A WebSocket that knows its transport, so that its listeners can be functions shared by all: on an idle connection hangs
 * no closure.
 */
export class ChatSocket extends WebSocket {
  transport: WebSocketTransport | undefined

  /** Called by ws too, when the peer closes or breaks the protocol. Behind a close frame nothing may be written (RFC 6455 §5.5.1). */
  override close(code?: number, reason?: string | Buffer): void {
    this.transport?.closing()
    super.close(code, reason)
  }
}

/** An empty ping (RFC 6455 §5.5.2), as a server sends it. */
const PING = Buffer.of(0x89, 0x00)

/**
 * Makes WebSockets of upgraded connections, and nothing else: it listens to no server and keeps no list of clients.
 *
 * @param maxFrameBytes What one message may hold, its fragments together.
 */
export function createSocketServer(maxFrameBytes: number): Server<typeof ChatSocket> {
  // A variable, because closeTimeout is missing from the type declarations of ws.
  const options = {
    noServer: true,
    clientTracking: false,
    WebSocket: ChatSocket,
    handleProtocols: (offered: ReadonlySet<string>) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    perMessageDeflate: false,
    maxPayload: Math.min(maxFrameBytes, MAX_INT32),
    maxFragments: MAX_FRAGMENTS,
    closeTimeout: CLOSE_TIMEOUT_MS,
  }
  return new WebSocketServer(options)
}

/**
 * Carries one connection of the chat over a WebSocket. Frames go to the socket itself. That keeps their place among what ws writes
 * there, because ws holds nothing back without compression and without fragments.
 */
export class WebSocketTransport implements Transport {
  readonly sink: Duplex
  readonly #ws: ChatSocket
  #handle: ConnectionHandle | undefined

  /** @param socket What the `'upgrade'` event handed over, and `ws` runs on. */
  constructor(ws: ChatSocket, socket: Duplex) {
    // Frames are written past ws, the same bytes for everybody: see encodeFrame().
    if (ws.extensions !== '')
      throw new Error(`a chat connection takes no WebSocket extensions, and has ${ws.extensions}`)
    this.#ws = ws
    this.sink = socket
  }

  /** Hands what arrives to `handle` from now on. */
  attach(handle: ConnectionHandle): void {
    this.#handle = handle
    this.#ws.transport = this
    this.#ws.on('message', onMessage).on('pong', onPong).on('close', onClose).on('error', onError)
  }

  notifyOfDrain(): void {
    this.sink.once('drain', () => this.#handle?.drained())
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  ping(): void {
    this.sink.write(PING)
  }

  close({ code, reason }: CloseStatus): void {
    this.#ws.close(code, reason)
    // The answer to the close frame is behind whatever was not read yet, which is dropped.
    if (this.#ws.isPaused) this.#ws.resume()
  }

  received(data: RawData, isBinary: boolean): void {
    // What arrives after our close frame has nobody to answer it.
    if (this.#ws.readyState !== WebSocket.OPEN) return
    if (isBinary) this.close(CLOSE.unsupportedData)
    // A Buffer, since nobody sets `binaryType`; ws has checked that it is UTF-8.
    else this.#handle?.receive((data as Buffer).toString())
  }

  heard(): void {
    this.#handle?.heard()
  }

  closing(): void {
    this.#handle?.closing()
  }

  closed(code: number, reason: Buffer): void {
    this.#handle?.closed(code, reason.toString())
  }
}

/** Ends a WebSocket that never became a connection of the chat, telling why. */
export function refuseWebSocket(ws: ChatSocket, { code, reason }: CloseStatus): void {
  ws.on('error', onError)
  ws.close(code, reason)
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  transportOf(this)?.received(data, isBinary)
}

function onPong(this: WebSocket): void {
  transportOf(this)?.heard()
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  transportOf(this)?.closed(code, reason)
}

/** The peer broke the protocol or the line broke. ws has sent the close code for it, and its 'close' event follows. */
function onError(): void {}

function transportOf(ws: WebSocket): WebSocketTransport | undefined {
  return ws instanceof ChatSocket ? ws.transport : undefined
}
