import { isRoomId } from '../protocol.ts'
import type { OptionKind } from './option-kinds.ts'

/** Values by the rooms they are for: a name, a beginning of names before a `*`, or `*` for all. */
export type PerRoom<T> = readonly (readonly [rooms: string, value: T])[]

/** A value for all rooms, others for some of them, or both: `30d,order:*=90d,lobby=0`. */
export function perRoom<T>({ placeholder, parse, format }: OptionKind<T>): OptionKind<PerRoom<T>> {
  return {
    placeholder,
    isList: true,
    parse: (text) =>
      text.split(',').map((entry) => {
        const [, rooms = '*', value = ''] = /^(?:([^=]*)=)?(.*)$/.exec(entry.trim()) ?? []
        return [parseRooms(rooms), parse(value)] as const
      }),
    format: (values) => values.map(([rooms, value]) => `${rooms}=${format(value)}`).join(','),
  }
}

/** The value whose rooms are said most exactly; of two that are said alike, the last. */
export function findForRoom<T>(values: PerRoom<T>, room: string): T | undefined {
  const fitting = values.filter(
    ([rooms]) => rooms === room || (rooms.endsWith('*') && room.startsWith(prefixOf(rooms))),
  )
  return fitting.toSorted(([one], [other]) => exactnessOf(one) - exactnessOf(other)).at(-1)?.[1]
}

function parseRooms(text: string): string {
  const rooms = text.trim().normalize('NFC')
  if (rooms === '*' || isRoomId(prefixOf(rooms))) return rooms
  throw new Error('must be a value, or <room>=<value> with the name of a room, or its beginning and a *')
}

function prefixOf(rooms: string): string {
  return rooms.replace(/\*$/, '')
}

/** A `*` cannot be in a name, so a name is more exact than a beginning of the same length. */
function exactnessOf(rooms: string): number {
  return rooms.endsWith('*') ? prefixOf(rooms).length : Infinity
}
