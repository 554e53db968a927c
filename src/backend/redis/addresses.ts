import type { ClusterNode, SlotRange } from './slots.ts'

/**
 * Where a Redis was found: its URL, and whatever else a cluster said it has. It is kept from one client to the next, since the server
 * of the URL may be the one that is gone.
 */
export class RedisAddresses {
  readonly #url: URL
  #others: readonly URL[] = []
  /** The ids of all servers of the cluster. */
  #ids: ReadonlySet<string> = new Set()

  constructor(url: URL) {
    this.#url = url
  }

  /** The one that was given first. */
  get all(): readonly URL[] {
    return [this.#url, ...this.#others]
  }

  /** With user, password and scheme of the URL that was given. */
  of({ host, port }: ClusterNode): URL {
    const url = new URL(this.#url)
    url.hostname = host.includes(':') ? `[${host}]` : host
    url.port = String(port)
    return url
  }

  /** Keeps the servers of a cluster: primaries first, as it is they that are of use. */
  learn(ranges: readonly SlotRange[]): void {
    const nodes = [...ranges.map(({ primary }) => primary), ...ranges.flatMap(({ replicas }) => replicas)]
    const urls = new Map(nodes.map((node) => [this.of(node).host, this.of(node)]))
    urls.delete(this.#url.host)
    this.#others = [...urls.values()]
    this.#ids = new Set(nodes.map(({ id }) => id))
  }

  /**
   * Whether a server found at `url` is one of this Redis. The given URL names whoever is there. An address that was only learned may be
   * somebody else's by now: whoever has it must be of a cluster that has a server known from before.
   */
  areRight(url: URL, ranges: readonly SlotRange[] | undefined): boolean {
    if (url.host === this.#url.host) return true
    return !!ranges?.some(({ primary, replicas }) => [primary, ...replicas].some(({ id }) => this.#ids.has(id)))
  }
}
