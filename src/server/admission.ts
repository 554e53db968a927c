import { addressBlock } from './address.ts'

export interface ConnectionCaps {
  /** WebSockets open at a time from one address, or from one IPv6 /64. 0 for any number. */
  readonly maxConnectionsPerAddress: number
  /** WebSockets open at a time in all. 0 for any number. */
  readonly maxConnections: number
}

/** Counts open connections, so that neither one client nor all together can take what the process has. */
export class Admission {
  readonly #caps: ConnectionCaps
  readonly #countByBlock = new Map<string, number>()
  #count = 0

  constructor(caps: ConnectionCaps) {
    this.#caps = caps
  }

  /** Counts one more connection from `address` in; false, and nothing counted, where that is one too many. */
  enter(address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#caps
    const block = addressBlock(address)
    const count = this.#countByBlock.get(block) ?? 0
    if (maxConnections > 0 && this.#count >= maxConnections) return false
    if (maxConnectionsPerAddress > 0 && count >= maxConnectionsPerAddress) return false
    this.#count++
    this.#countByBlock.set(block, count + 1)
    return true
  }

  /** A connection that was let in is gone. */
  leave(address: string): void {
    const block = addressBlock(address)
    const count = this.#countByBlock.get(block) ?? 0
    this.#count--
    if (count > 1) this.#countByBlock.set(block, count - 1)
    else this.#countByBlock.delete(block)
  }
}
