import type { Server } from 'node:http'
import { clientAddress } from './address.ts'
import { Admission } from './admission.ts'
import type { ConnectionCaps } from './admission.ts'

/** Sockets besides the WebSockets there may be: for pages, for health checks, and for who is told that there are too many. */
const SPARE_PER_ADDRESS = 256
const SPARE = 1_024

/**
 * Hangs up on sockets past what one address, or all, may hold open, before anything is read from them. Who opens sockets
 * and does not speak would otherwise use up the descriptors of the process. WebSockets reach their own cap first, and are told why.
 */
export function capSockets(
  server: Server,
  { maxConnections, maxConnectionsPerAddress }: ConnectionCaps,
  trustedHops: number,
): void {
  const admission = new Admission({
    maxConnections: maxConnections && maxConnections + SPARE,
    // Behind a proxy all sockets come from there.
    maxConnectionsPerAddress:
      trustedHops > 0 ? 0 : maxConnectionsPerAddress && maxConnectionsPerAddress + SPARE_PER_ADDRESS,
  })
  server.on('connection', (socket) => {
    const address = clientAddress({ headers: {}, socket }, 0)
    if (admission.enter(address)) socket.once('close', () => admission.leave(address))
    else socket.destroy()
  })
}
