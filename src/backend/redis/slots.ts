/** Slots of a cluster: each key lies in one, and each slot on one primary (redis.io/docs/reference/cluster-spec). */
export const SLOTS = 16_384

/** CRC-16/XMODEM, a byte at a time. */
const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** The slot of a key or channel: of what is between its first braces, where there is anything, else of all of it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = open < 0 ? -1 : key.indexOf('}', open + 1)
  const tag = close > open + 1 ? key.slice(open + 1, close) : key
  let crc = 0
  for (const byte of Buffer.from(tag)) crc = ((crc << 8) ^ (CRC_TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0)) & 0xffff
  return crc % SLOTS
}

/** A server of a cluster. */
export interface ClusterNode {
  readonly host: string
  readonly port: number
  /** What it is known by for as long as it is of this cluster, wherever it goes. */
  readonly id: string
}

/** Slots that one primary has. */
export interface SlotRange {
  readonly first: number
  readonly last: number
  readonly primary: ClusterNode
  readonly replicas: readonly ClusterNode[]
}

type NodeReply = readonly [host: string | null, port: number, id: string]
type RangeReply = readonly [first: number, last: number, primary: NodeReply, ...replicas: NodeReply[]]

/** Reads the answer to `CLUSTER SLOTS`. A server that was not told its own name gives an empty one: it is the one that was asked. */
export function parseSlots(reply: unknown, askedHost: string): SlotRange[] {
  const toNode = ([host, port, id]: NodeReply): ClusterNode => ({
    host: host === null || host === '' || host === '?' ? askedHost : host,
    port,
    id,
  })
  return (reply as readonly RangeReply[]).map(([first, last, primary, ...replicas]) => ({
    first,
    last,
    primary: toNode(primary),
    replicas: replicas.map(toNode),
  }))
}
