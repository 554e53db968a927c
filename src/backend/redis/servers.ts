import type { MessageListener, RedisClient, RedisServer, ServerFactory } from './client.ts'
import { parseSlots, slotOf, SLOTS } from './slots.ts'
import type { SlotRange } from './slots.ts'

/** Commands that have no key and are for every server. */
const FOR_ALL: ReadonlySet<string> = new Set(['SCRIPT'])
/** Commands that have no key and that any server answers alike. */
const FOR_ANY: ReadonlySet<string> = new Set(['TIME'])

/**
 * Where a Redis was found: its URL, and whatever else a cluster said it has. It is kept from one client to the next, since the server
 * of the URL may be the one that is gone.
 */
export class RedisAddresses {
  readonly #url: URL
  #known: readonly URL[]

  constructor(url: URL) {
    this.#url = url
    this.#known = [url]
  }

  /** The one that was given first. */
  get all(): readonly URL[] {
    return this.#known
  }

  /** With user, password and scheme of the URL that was given. */
  of({ host, port }: SlotRange): URL {
    const url = new URL(this.#url)
    url.hostname = host.includes(':') ? `[${host}]` : host
    url.port = String(port)
    return url
  }

  learn(servers: readonly URL[]): void {
    const others = servers.filter(({ host }) => host !== this.#url.host)
    this.#known = [this.#url, ...others]
  }
}

/**
 * One server, or all primaries of a cluster, as one client: each command goes to whoever has its key. It lives and dies as one, as a
 * single server does. Where a server is lost, or a slot is another's, all connections are given up, whoever is behind it makes
 * them anew, and what was in flight is refused; nothing is sent twice behind anybody's back.
 */
export class RedisServers implements RedisClient {
  readonly #createServer: ServerFactory
  readonly #addresses: RedisAddresses
  /** By host and port. */
  #servers = new Map<string, RedisServer>()
  /** By slot; empty where it is no cluster. */
  #owners: RedisServer[] = []
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
    const { url, server } = await this.#connectToAny()
    const info = String(await server.sendCommand(['INFO', 'cluster']))
    if (/^cluster_enabled:1/m.test(info)) await this.#connectToAll(url, server)
  }

  sendCommand(command: readonly string[]): Promise<unknown> {
    const [name = '', first = '', count, key = ''] = command
    if (this.#owners.length === 0) return this.#only.sendCommand(command)
    if (FOR_ALL.has(name)) return Promise.all(this.servers.map((server) => server.sendCommand(command)))
    if (FOR_ANY.has(name)) return this.#only.sendCommand(command)
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
    for (const server of this.servers) server.destroy()
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

  /** The first that answers. What the first one said is what is told where none does. */
  async #connectToAny(): Promise<{ readonly url: URL; readonly server: RedisServer }> {
    const failures: unknown[] = []
    for (const url of this.#addresses.all) {
      try {
        return { url, server: await this.#open(url) }
      } catch (error) {
        failures.push(error)
      }
    }
    throw failures[0]
  }

  async #connectToAll(seedUrl: URL, seed: RedisServer): Promise<void> {
    const ranges = parseSlots(await seed.sendCommand(['CLUSTER', 'SLOTS']), seedUrl.hostname)
    const urls = new Map(ranges.map((range) => [this.#addresses.of(range).host, this.#addresses.of(range)]))
    // Only primaries are of use, and the seed may be none, or go by another name.
    for (const [host, server] of this.#servers) {
      if (urls.has(host)) continue
      this.#servers.delete(host)
      server.destroy()
    }
    await Promise.all([...urls].map(async ([host, url]) => this.#servers.get(host) ?? (await this.#open(url))))
    for (const range of ranges) {
      const owner = this.#servers.get(this.#addresses.of(range).host)
      if (owner) for (let slot = range.first; slot <= range.last; slot++) this.#owners[slot] = owner
    }
    if (Object.keys(this.#owners).length < SLOTS) throw new Error('CLUSTERDOWN some slots have no server')
    this.#addresses.learn([...urls.values()])
  }

  async #open(url: URL): Promise<RedisServer> {
    const server = this.#createServer(url)
    this.#servers.set(url.host, server)
    server.on('error', (error) => {
      // Of one that is not among them, nobody needs to hear.
      if (this.#servers.get(url.host) === server) this.#onError(error)
    })
    server.on('sharded-channel-moved', (channel) =>
      this.#onError(new Error(`MOVED ${channel} is another server's now`)),
    )
    try {
      await server.connect()
    } catch (error) {
      this.#servers.delete(url.host)
      server.destroy()
      throw error
    }
    if (this.#isDestroyed) server.destroy()
    return server
  }
}
