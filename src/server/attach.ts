import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'

export interface UpgradeClaim {
  /** Sees every request of the server before any listener does, those to upgrade too. */
  readonly onRequest?: ((request: IncomingMessage) => void) | undefined
  /** Whether a request to upgrade is for us. */
  readonly isOurs: (request: IncomingMessage) => boolean
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Answers one that is nobody's. */
  readonly decline: (request: IncomingMessage, socket: Duplex) => void
}

/** Marks listeners that only decline, also those of another copy of this package. */
const DECLINES = Symbol.for('natter.declinesUpgrades')

/**
 * Takes the upgrades that are ours before any listener of the server sees them, and leaves it the others. Being one
 * listener among several would not do: those of WebSocket libraries answer 400 to every path but their own.
 *
 * @returns What lets go of the server again.
 */
export function claimUpgrades(server: Server, { onRequest, isOurs, upgrade, decline }: UpgradeClaim): () => void {
  // As Node calls it: with any event, whatever the declarations of the server's own events say.
  const emitter = server as { emit: (event: string | symbol, ...args: readonly unknown[]) => boolean }
  const { emit } = emitter
  const hadOwnEmit = Object.hasOwn(server, 'emit')
  let isActive = true

  function emitUnclaimed(event: string | symbol, ...args: unknown[]): boolean {
    if (!isActive || (event !== 'request' && event !== 'upgrade')) return emit.call(server, event, ...args)
    const [request, socket, head] = args as [IncomingMessage, Duplex, Buffer]
    onRequest?.(request)
    if (event === 'request' || !isOurs(request)) return emit.call(server, event, ...args)
    upgrade(request, socket, head)
    return true
  }

  // node:http announces upgrades only where somebody listens to them. Where nobody does but chats like this one, what
  // none of them has claimed is the first one's to decline.
  function declineUnclaimed(request: IncomingMessage, socket: Duplex): void {
    const [first, ...others] = server.listeners('upgrade')
    if (first === declineUnclaimed && others.every((listener) => DECLINES in listener)) decline(request, socket)
  }
  declineUnclaimed[DECLINES] = true

  emitter.emit = emitUnclaimed
  server.on('upgrade', declineUnclaimed)
  return () => {
    isActive = false
    server.off('upgrade', declineUnclaimed)
    // Whoever wrapped it after us keeps what they wrapped; it lets all through now.
    if (emitter.emit !== emitUnclaimed) return
    if (hadOwnEmit) emitter.emit = emit
    else Reflect.deleteProperty(server, 'emit')
  }
}
