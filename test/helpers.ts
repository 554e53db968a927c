import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { createMemoryBackend, serve } from '../src/index.ts'
import type { Backend, ChatMiddleware, ServeOptions, ServerObserver } from '../src/index.ts'

export interface TestServer {
  readonly port: number
  /** `http://localhost:…`, without a slash at its end. */
  readonly url: string
  /** `ws://localhost:…/`, where WebSockets are opened. */
  readonly socketUrl: string
  readonly backend: Backend
  readonly chat: ChatMiddleware
  close(): Promise<void>
}

/** A real server on a free port of the loopback interface, on a backend in memory unless another is given. Closed after the test. */
export async function startServer(t: TestContext, options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const backend = options.backend ?? createMemoryBackend()
  const server = await serve({ port: 0, host: 'localhost', onError: fail, ...options, backend })
  t.after(async () => {
    await server.close({ spreadMs: 0 })
    if (options.backend === undefined) await backend.close()
  })
  return {
    port: server.port,
    url: server.url,
    socketUrl: `${server.url.replace('http', 'ws')}/`,
    backend,
    chat: server.chat,
    close: () => server.close({ spreadMs: 0 }),
  }
}

/** A fault of the server fails the test, unless that has an `onError` of its own. */
function fail(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}

/** An observer that does what it is given and nothing else. */
export function observing(parts: Partial<ServerObserver>): ServerObserver {
  return {
    onOpen: nothing,
    onHello: nothing,
    onStored: nothing,
    onDeliver: nothing,
    onTrimmed: nothing,
    onRefuse: nothing,
    onClose: nothing,
    onRequest: nothing,
    onTurnAway: nothing,
    ...parts,
  }
}

/** Lifts every limit on how much a client may send. */
export const NO_RATE_LIMITS = {
  writeRate: { burst: 0, perMs: 1_000 },
  commandRate: { burst: 0, perMs: 1_000 },
} as const satisfies Partial<ServeOptions>

/** An empty folder that is gone after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'natter-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function nothing(): void {}

export interface SocketOptions {
  /** Defaults to `natter.v1`; `undefined` asks for none, which is the plain dialect. */
  readonly subprotocol?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export type Frame = Readonly<Record<string, unknown>>

export interface TestSocket {
  readonly ws: WebSocket
  /** Sends an object as JSON. */
  send(frame: Frame): void
  /** The next frame that `matches`; frames before it are dropped. Rejects when the connection ends without one. */
  next(matches?: (frame: Frame) => boolean): Promise<Frame>
  /** Sends a command and returns what answers it. Takes the next free `id`. */
  ask(command: Frame): Promise<Frame>
  /** How the connection ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

/** A bare WebSocket to a server, which speaks nothing by itself but pongs. Cut after the test. */
export async function openSocket(
  t: TestContext,
  server: Pick<TestServer, 'socketUrl'>,
  options: SocketOptions = {},
): Promise<TestSocket> {
  const { subprotocol, headers = {} } = { subprotocol: 'natter.v1', ...options }
  const ws = new WebSocket(server.socketUrl, subprotocol === undefined ? [] : [subprotocol], { headers })
  t.after(() => ws.terminate())
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>()
  const socket = new QueueingSocket(ws)
  ws.once('open', resolve).once('error', reject)
  await opened
  return socket
}

/** A connection that has said `hello` as `name`. */
export async function greet(t: TestContext, server: Pick<TestServer, 'socketUrl'>, name = 'Ada'): Promise<TestSocket> {
  const socket = await openSocket(t, server)
  await socket.ask({ type: 'hello', name })
  return socket
}

class QueueingSocket implements TestSocket {
  readonly ws: WebSocket
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #frames: Frame[] = []
  #wake: (() => void) | undefined
  #isClosed = false
  #id = 0

  constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data) => {
      this.#frames.push(JSON.parse((data as Buffer).toString()) as Frame)
      this.#wake?.()
    })
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        this.#isClosed = true
        this.#wake?.()
        resolve({ code, reason: reason.toString() })
      })
    })
  }

  send(frame: Frame): void {
    this.ws.send(JSON.stringify(frame))
  }

  async next(matches: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame === undefined) await this.#more()
      else if (matches(frame)) return frame
    }
  }

  ask(command: Frame): Promise<Frame> {
    const id = ++this.#id
    this.send({ ...command, id })
    return this.next((frame) => frame['id'] === id)
  }

  #more(): Promise<void> {
    if (this.#isClosed) throw new Error('the connection ended, and the frame that was waited for had not come')
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
