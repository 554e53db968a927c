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

/** Slots that one primary has. */
export interface SlotRange {
  readonly first: number
  readonly last: number
  readonly host: string
  readonly port: number
}

/** Reads the answer to `CLUSTER SLOTS`. A server that was not told its own name gives an empty one: it is the one that was asked. */
export function parseSlots(reply: unknown, askedHost: string): SlotRange[] {
  type Row = readonly [first: number, last: number, primary: readonly [host: string | null, port: number]]
  return (reply as readonly Row[]).map(([first, last, [host, port]]) => ({
    first,
    last,
    host: host === null || host === '' || host === '?' ? askedHost : host,
    port,
  }))
}
