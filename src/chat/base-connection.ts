import type { CloseStatus } from '../protocol/close.ts'
import type { KeptConnection } from './connections.ts'
import type { ChatContext } from './context.ts'
import { Link } from './link.ts'
import type { Dialect } from './observer.ts'
import type { RoomReader } from './reader.ts'
import type { Speaker } from './speaker.ts'
import type { Peer, Transport } from './transport.ts'

/** What all connections have in common, whatever they speak: a line, and how it ends. */
export abstract class BaseConnection implements KeptConnection {
  readonly peer: Peer
  readonly link: Link
  readonly context: ChatContext
  readonly openedAt: number

  abstract readonly dialect: Dialect
  abstract readonly heardAt: number
  abstract readonly speaker: Speaker | undefined
  abstract readonly reading: readonly RoomReader[]
  abstract readonly owesHello: boolean
  abstract readonly isLateWithHello: boolean
  abstract readonly expiresAt: number | undefined

  constructor(context: ChatContext, transport: Transport, peer: Peer) {
    this.context = context
    this.peer = peer
    this.link = new Link(context, transport)
    this.openedAt = context.options.environment.monotonicNow()
  }

  abstract sendHeartbeat(): void
  abstract stopReading(): void
  abstract sendGoodbye(retryInMs: number): void

  /** Leaves the rooms, and takes no more frames. An end that we asked for comes by here twice. */
  protected abstract letGo(): void

  closing(): void {
    this.link.closing()
  }

  closed(code: number, reason: string): void {
    this.link.closed()
    this.letGo()
    this.context.connections.remove(this, code, reason)
  }

  end(status: CloseStatus): void {
    this.link.end(status)
    this.letGo()
  }
}
