/**
 * The names and numbers that travel on the wire. They are branded so that a user's id cannot be passed where a room's is
 * meant; only the parsers in this folder, and the backends that hand out seqs, make them.
 */
declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** A room's name: see {@link ROOM_PATTERN}. */
export type RoomId = Branded<string, 'RoomId'>
/** Who a user is, for ever. Names may change and repeat; ids do neither. */
export type UserId = Branded<string, 'UserId'>
/** A message, from its post to its deletion. Made by the server. */
export type MessageId = Branded<string, 'MessageId'>
/** Made by the sender of a write, so that a retry is stored once. A UUIDv7 by custom. */
export type Key = Branded<string, 'Key'>
/** A change's place in its room's log: 1, 2, 3 …; 0 is the place before the first. */
export type Seq = Branded<number, 'Seq'>
/** Names one life of a room's log. Positions of another epoch mean nothing. */
export type Epoch = Branded<string, 'Epoch'>
/** A few random characters drawn for each change: two changes that were given one seq differ in their tags. */
export type Tag = Branded<string, 'Tag'>

/** The room that `/` shows, and that the plain dialect speaks in. */
export const LOBBY = 'lobby' as RoomId

/** 1 to 64 letters, marks, digits and `. _ : ~ -`, the first a letter or a digit; in Unicode's NFC, as the parser checks. */
export const ROOM_PATTERN = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._:~-]{0,63}$/u

/** 8 to 64 characters of `A–Z a–z 0–9 _ -`. */
export const KEY_PATTERN = /^[A-Za-z0-9_-]{8,64}$/

/** Whether `value` may name a room. */
export function isRoomId(value: unknown): value is RoomId {
  return typeof value === 'string' && ROOM_PATTERN.test(value) && value.normalize('NFC') === value
}

/** Whether `value` may be the key of a write. */
export function isKey(value: unknown): value is Key {
  return typeof value === 'string' && KEY_PATTERN.test(value)
}
