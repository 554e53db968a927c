import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Chat } from '../chat/chat.ts'
import type { SessionProbe } from '../chat/identity.ts'
import type { Dialect } from '../chat/observer.ts'
import type { Peer } from '../chat/transport.ts'
import { CLOSE } from '../protocol/close.ts'
import type { CloseStatus } from '../protocol/close.ts'
import { SUBPROTOCOL } from '../protocol/limits.ts'
import type { Limits } from '../protocol/limits.ts'
import { clientAddress } from './address.ts'
import type { Admission } from './admission.ts'
import type { SessionReader } from './credentials.ts'
import type { OriginPolicy } from './origin.ts'
import type { ServerObserver } from './observer.ts'
import { findUpgradeFault } from './request-fault.ts'
import { summarizeRequest } from './request-summary.ts'
import { answerUpgrade } from './upgrade-answer.ts'
import { createSocketServer, refuseWebSocket, WebSocketTransport } from './websocket.ts'
import type { ChatSocket } from './websocket.ts'

export interface UpgradeOptions {
  readonly chat: Chat
  readonly admission: Admission
  readonly origins: OriginPolicy
  readonly sessionOf: SessionReader
  readonly observer: ServerObserver
  readonly trustedHops: number
  readonly allowPlain: boolean
  readonly limits: Limits
}

/** A refusal before the WebSocket is open: scripts on a page see only close code 1006 of it, people see the answer. */
interface Refusal {
  readonly status: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
}

/** WebSockets that are told why they are closed, at a time; past it they are turned away unopened. */
const MAX_TURNING_AWAY = 100

const NOT_HERE: Refusal = { status: 404, reason: 'there is no WebSocket at this path' }
const TOO_MANY: Refusal = { status: 503, reason: 'too many connections', headers: { 'Retry-After': '30' } }
const STOPPING: Refusal = { status: 503, reason: 'the server is stopping', headers: { 'Retry-After': '5' } }

/** Makes connections of the chat from requests to upgrade. */
export class Upgrades {
  readonly #options: UpgradeOptions
  readonly #admission: Admission
  readonly #sockets: ReturnType<typeof createSocketServer>
  #connections = 0
  #turningAway = 0
  #isClosed = false

  constructor(options: UpgradeOptions) {
    this.#options = options
    this.#admission = options.admission
    this.#sockets = createSocketServer(options.limits.frameBytes)
    // ws checks the rest of the handshake; by listening here its refusals are answered and logged as ours are.
    this.#sockets.on('wsClientError', ({ message }, socket, request) =>
      this.#refuse(request, socket, { status: 400, reason: message }),
    )
  }

  /** Takes over what a server's `'upgrade'` event brought: opens a connection, or answers why not. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#findRefusal(request)
    if (refusal) {
      this.#refuse(request, socket, refusal)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      this.#report(request, 101)
      this.#open(ws, socket, request)
    })
  }

  /** Answers a request to upgrade that is nobody's. */
  decline(request: IncomingMessage, socket: Duplex): void {
    this.#refuse(request, socket, NOT_HERE)
  }

  /** Opens no more connections; the chat closes those there are. */
  close(): void {
    this.#isClosed = true
  }

  #findRefusal(request: IncomingMessage): Refusal | undefined {
    const fault = findUpgradeFault(request)
    if (fault !== undefined) return { status: 400, reason: fault }
    if (request.method !== 'GET')
      return { status: 405, reason: 'a WebSocket opens with GET', headers: { Allow: 'GET' } }
    // Draft 8, which ws would also speak, has another header for the origin.
    if (request.headers['sec-websocket-version'] !== '13') {
      return {
        status: 426,
        reason: 'WebSocket version 13 only',
        headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
      }
    }
    if (!this.#options.origins.allows(request)) return refuseOrigin(request)
    if (this.#isClosed) return STOPPING
    if (this.#turningAway >= MAX_TURNING_AWAY) return TOO_MANY
    return undefined
  }

  #open(ws: ChatSocket, socket: Duplex, request: IncomingMessage): void {
    const address = clientAddress(request, this.#options.trustedHops)
    const dialect = this.#findDialect(ws, request)
    if (typeof dialect !== 'string') this.#turnAway(ws, address, dialect)
    else if (!this.#admission.enter(address)) this.#turnAway(ws, address, CLOSE.tooManyConnections)
    else this.#admit(ws, socket, dialect, address, this.#options.sessionOf(request))
  }

  #admit(
    ws: ChatSocket,
    socket: Duplex,
    dialect: Dialect,
    address: string,
    session: SessionProbe | 'foreign' | undefined,
  ): void {
    ws.on('close', this.#leaving(address))
    const { chat } = this.#options
    const peer: Peer = { connectionId: `c${++this.#connections}`, address }
    const transport = new WebSocketTransport(ws, socket)
    transport.attach(dialect === SUBPROTOCOL ? chat.open(transport, peer, session) : chat.openPlain(transport, peer))
  }

  /** Made apart, so that it lives on with the connection and the session, which holds the request, does not. */
  #leaving(address: string): () => void {
    return () => this.#admission.leave(address)
  }

  /** What the WebSocket will speak, or how it ends where that is nothing we speak. */
  #findDialect({ protocol }: ChatSocket, { headers }: IncomingMessage): Dialect | CloseStatus {
    if (protocol === SUBPROTOCOL) return SUBPROTOCOL
    if (headers['sec-websocket-protocol'] !== undefined)
      return { ...CLOSE.protocolError, reason: `only ${SUBPROTOCOL} is spoken here` }
    return this.#options.allowPlain
      ? 'plain'
      : { ...CLOSE.forbidden, reason: `the plain dialect is off; ask for ${SUBPROTOCOL}` }
  }

  /** In band, because a page learns only close code 1006 of a WebSocket that was not opened. */
  #turnAway(ws: ChatSocket, address: string, status: CloseStatus): void {
    this.#turningAway++
    ws.on('close', () => this.#turningAway--)
    this.#options.observer.onTurnAway(address, status)
    refuseWebSocket(ws, status)
  }

  #refuse(request: IncomingMessage, socket: Duplex, { status, reason, headers }: Refusal): void {
    this.#report(request, status, reason)
    answerUpgrade(socket, status, reason, headers)
  }

  #report(request: IncomingMessage, status: number, refusal?: string): void {
    const { observer, trustedHops } = this.#options
    observer.onRequest({ ...summarizeRequest(request, trustedHops), status, bytes: undefined, ms: 0, refusal })
  }
}

function refuseOrigin({ headers }: IncomingMessage): Refusal {
  return { status: 403, reason: `pages of the origin ${headers.origin?.slice(0, 100)} may not use this chat` }
}
