import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** Where a server listens. */
interface Target {
  readonly url: string
}

/** What stands before several processes: gives each connection to the next of them that takes it. */
export interface Balancer {
  /** `ws://localhost:…/` */
  readonly socketUrl: string
  /** The processes. Without any, connections are reset. */
  targets: readonly Target[]
  /** Resets every connection. */
  cut(): void
}

/** A balancer of TCP connections, closed after the test. */
export async function startBalancer(t: TestContext, targets: readonly Target[]): Promise<Balancer> {
  const sockets = new Set<Socket>()
  let turn = 0

  async function accept(client: Socket): Promise<void> {
    track(client)
    for (let tries = balancer.targets.length; tries > 0; tries--) {
      const target = balancer.targets[turn++ % balancer.targets.length]
      const server = target && (await reach(target))
      if (server) return join(client, server)
    }
    client.resetAndDestroy()
  }

  function join(client: Socket, server: Socket): void {
    track(server)
    client.pipe(server)
    server.pipe(client)
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
  }

  function track(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  }

  const listener = createServer((client) => void accept(client))
  listener.listen({ port: 0, host: 'localhost', backlog: 1_024 })
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const balancer: Balancer = {
    socketUrl: `ws://localhost:${port}/`,
    targets,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
  }
  t.after(() => {
    balancer.cut()
    listener.close()
  })
  return balancer
}

/** A connection to a server, if it takes one. */
async function reach({ url }: Target): Promise<Socket | undefined> {
  const socket = connect(Number(new URL(url).port), 'localhost')
  try {
    await once(socket, 'connect')
    return socket
  } catch {
    return undefined
  }
}
