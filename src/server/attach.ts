import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

export interface UpgradeClaim {
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
 * @returns What lets go of the server again. The wrapped `emit` stays, since others may have wrapped it meanwhile, and lets all through.
 */
export function claimUpgrades(server: Server, { isOurs, upgrade, decline }: UpgradeClaim): () => void {
  const emit = server.emit.bind(server) as (event: string | symbol, ...args: readonly unknown[]) => boolean
  let isActive = true

  function emitUnclaimed(event: string | symbol, ...args: unknown[]): boolean {
    const [request, socket, head] = args as [IncomingMessage, Duplex, Buffer]
    if (!isActive || event !== 'upgrade' || !isOurs(request)) return emit(event, ...args)
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

  server.emit = emitUnclaimed
  server.on('upgrade', declineUnclaimed)
  return () => {
    isActive = false
    server.off('upgrade', declineUnclaimed)
  }
}
