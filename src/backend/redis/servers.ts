import type { RedisAddresses } from './addresses.ts'
import type { MessageListener, RedisClient, RedisServer, ServerFactory } from './client.ts'
import { raceInTurn } from './race.ts'
import { parseSlots, slotOf, SLOTS } from './slots.ts'
import type { SlotRange } from './slots.ts'

/** Commands that have no key and are for every server. */
const FOR_ALL: ReadonlySet<string> = new Set(['SCRIPT'])

/** Milliseconds for which one address is asked before the next one is asked too. A server of a cluster may be frozen, and another have its place. */
const PATIENCE_MS = 100

const GIVEN_UP = 'the connection was given up'

/** A server that answers, and of a cluster, where it is of one, the map. */
interface Found {
  readonly url: URL
  readonly server: RedisServer
  readonly ranges: readonly SlotRange[] | undefined
}

/**
 * One server, or all primaries of a cluster, as one client: each command goes to whoever has its key. It lives and dies as one, as a
 * single server does. Where a server is lost, or a slot is another's, all connections are given up, whoever is behind it makes
 * them anew, and what was in flight is refused; nothing is sent twice behind anybody's back.
 */
export class RedisServers implements RedisClient {
  readonly #createServer: ServerFactory
  readonly #addresses: RedisAddresses
  /** All there are connections to, those included that are being made. */
  readonly #opened = new Set<RedisServer>()
  /** Those that are used, by host and port. */
  readonly #servers = new Map<string, RedisServer>()
  /** By slot; empty where it is no cluster. */
  #owners: readonly RedisServer[] = []
  /** Names that were found to lie on each server, by what they begin with. */
  readonly #spread = new Map<string, ReadonlyMap<RedisServer, string>>()
  #onError: (error: Error) => void = () => {}
  #isDestroyed = false

  constructor(createServer: ServerFactory, addresses: RedisAddresses) {
    this.#createServer = createServer
    this.#addresses = addresses
  }

  get servers(): readonly RedisServer[] {
    return [...this.#servers.values()]
  }

  async connect(): Promise<void> {
    const found = await raceInTurn(this.#addresses.all, (url) => this.#find(url), PATIENCE_MS)
    for (const server of this.#opened) if (server !== found.server) this.#discard(server)
    if (found.ranges) await this.#connectToAll(found, found.ranges)
    else this.#servers.set(found.url.host, found.server)
  }

  sendCommand(command: readonly string[]): Promise<unknown> {
    const [name = '', first = '', count, key = ''] = command
    if (this.#owners.length === 0) return this.#only.sendCommand(command)
    if (FOR_ALL.has(name)) return Promise.all(this.servers.map((server) => server.sendCommand(command)))
    const isScript = name === 'EVALSHA' || name === 'EVAL'
    return this.#ownerOf(isScript && count !== '0' ? key : first).sendCommand(command)
  }

  async sSubscribe(channels: readonly string[], listener: MessageListener): Promise<void> {
    await this.#byOwner(channels, (server, own) => server.sSubscribe(own, listener))
  }

  async sUnsubscribe(channels: readonly string[], listener: MessageListener): Promise<void> {
    await this.#byOwner(channels, (server, own) => server.sUnsubscribe(own, listener))
  }

  on(_event: 'error', listener: (error: Error) => void): void {
    this.#onError = listener
  }

  groupKeys(keys: readonly string[]): string[][] {
    if (this.#owners.length === 0) return [[...keys]]
    return [...Map.groupBy(keys, slotOf).values()]
  }

  spread(name: string): string[] {
    return this.#owners.length === 0 ? [name] : [...this.#spreadOf(name).values()]
  }

  beside(name: string, key: string): string {
    return (this.#owners.length > 0 && this.#spreadOf(name).get(this.#ownerOf(key))) || name
  }

  destroy(): void {
    this.#isDestroyed = true
    for (const server of this.#opened) this.#discard(server)
  }

  #spreadOf(name: string): ReadonlyMap<RedisServer, string> {
    const known = this.#spread.get(name)
    if (known) return known
    const names = new Map<RedisServer, string>()
    const count = new Set(this.#owners).size
    for (let number = 0; names.size < count; number++) {
      const candidate = `${name}:${number}`
      const owner = this.#ownerOf(candidate)
      if (!names.has(owner)) names.set(owner, candidate)
    }
    this.#spread.set(name, names)
    return names
  }

  get #only(): RedisServer {
    const [server] = this.servers
    if (!server) throw new Error('there is no connection to Redis yet')
    return server
  }

  #ownerOf(key: string): RedisServer {
    const owner = this.#owners[slotOf(key)]
    if (!owner) throw new Error('there is no connection to Redis yet')
    return owner
  }

  async #byOwner(
    channels: readonly string[],
    work: (server: RedisServer, channels: string[]) => Promise<unknown>,
  ): Promise<void> {
    if (this.#owners.length === 0) return void (await work(this.#only, [...channels]))
    // A server takes channels of one slot at a time.
    const groups = Map.groupBy(channels, slotOf).values()
    await Promise.all([...groups].map((own) => work(this.#ownerOf(own[0] ?? ''), own)))
  }

  /** Asks who is at an address. Rejects where it is nobody to go on with. */
  async #find(url: URL): Promise<Found> {
    const server = await this.#open(url)
    try {
      const ranges = await readMap(server, url)
      if (this.#addresses.areRight(url, ranges)) return { url, server, ranges }
      throw new Error(`${url.host} is no longer a server of this cluster`)
    } catch (error) {
      this.#discard(server)
      throw error
    }
  }

  async #connectToAll({ url: seedUrl, server: seed }: Found, ranges: readonly SlotRange[]): Promise<void> {
    const urls = new Map(ranges.map(({ primary }) => [this.#addresses.of(primary).host, this.#addresses.of(primary)]))
    // Only primaries are of use, and the seed may be none, or go by another name.
    if (urls.has(seedUrl.host)) this.#servers.set(seedUrl.host, seed)
    else this.#discard(seed)
    const others = [...urls].filter(([host]) => !this.#servers.has(host))
    await Promise.all(others.map(async ([host, url]) => this.#servers.set(host, await this.#open(url))))
    const owners = Array.from<RedisServer>({ length: SLOTS })
    for (const { first, last, primary } of ranges) {
      const owner = this.#servers.get(this.#addresses.of(primary).host)
      if (owner) owners.fill(owner, first, last + 1)
    }
    this.#owners = owners
    this.#addresses.learn(ranges)
  }

  async #open(url: URL): Promise<RedisServer> {
    if (this.#isDestroyed) throw new Error(GIVEN_UP)
    const server = this.#createServer(url)
    this.#opened.add(server)
    server.on('error', (error) => {
      // Of one that is not used, nobody needs to hear.
      if (this.#servers.get(url.host) === server) this.#onError(error)
    })
    server.on('sharded-channel-moved', (channel) =>
      this.#onError(new Error(`MOVED ${channel} is another server's now`)),
    )
    try {
      await server.connect()
      if (!this.#opened.has(server)) throw new Error(GIVEN_UP)
      return server
    } catch (error) {
      this.#discard(server)
      throw error
    }
  }

  /** May be called again: one that was given up while it connected has to be ended when it has. */
  #discard(server: RedisServer): void {
    this.#opened.delete(server)
    server.destroy()
  }
}

/** The map of the cluster that a server is of. Undefined where it is of none. Rejects where that has no answer to give now. */
async function readMap(server: RedisServer, url: URL): Promise<SlotRange[] | undefined> {
  const info = String(await server.sendCommand(['INFO', 'cluster']))
  if (!/^cluster_enabled:1/m.test(info)) return undefined
  const [state, slots] = await Promise.all(['INFO', 'SLOTS'].map((subject) => server.sendCommand(['CLUSTER', subject])))
  // One that is cut off from the others has a map of how it was.
  if (!String(state).includes('cluster_state:ok')) throw new Error('CLUSTERDOWN the cluster is down')
  const ranges = parseSlots(slots, url.hostname)
  const count = ranges.reduce((sum, { first, last }) => sum + last + 1 - first, 0)
  if (count < SLOTS) throw new Error('CLUSTERDOWN some slots have no server')
  return ranges
}
