import type { Seq } from '../protocol/ids.ts'
import type { Statements } from './sqlite-statements.ts'

/** Messages of a room that are put into the index together. They mostly fit on one page, which a commit then writes once for all of them. */
const BATCH = 16

/**
 * All rows but the newest so many are in the index once a transaction has ended. Twice as many are looked through for those that are not:
 * that is also done within a transaction, which has added some.
 */
export const MAX_UNPLACED_ROWS = 8_192

/** A message that is not in the index yet. */
export interface Unplaced {
  readonly seq: Seq
  /** Of its row. */
  readonly number: number
}

/**
 * Where in the table each room's messages are: the index `placed`, and what it has yet to take.
 *
 * Rows come in the order of their commits, whatever their rooms. An index of rooms that took each message at once would write a page of
 * its own for it; so a room's newest ones are kept here until there are some, and found again in the table where the process ended before.
 * Calls that write are for within a transaction.
 */
export class PlaceIndex {
  readonly #sql: Statements
  /** By room, the longest waiting first; undefined before it is known. */
  #unplaced: Map<number, Unplaced[]> | undefined
  /** The number of the row with which the longest waiting has waited long enough, or an earlier one. */
  #settleAt = 0

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** Takes in the row that was added last. */
  add(room: number, seq: Seq, number: number): void {
    // What is read now has it already.
    if (this.#unplaced) append(this.#unplaced, room, { seq, number })
    if (this.unplaced(room).length >= BATCH) this.settle(room)
    if (number >= this.#settleAt) this.#settleUpTo(number - MAX_UNPLACED_ROWS)
  }

  /** Puts into the index what the room has that is not. */
  settle(room: number): void {
    for (const { seq, number } of this.unplaced(room)) this.#sql.addPlaced.run(room, seq, number)
    this.#rooms.delete(room)
  }

  /** The room's messages that are not in the index, which are newer than all that are; oldest first. */
  unplaced(room: number): readonly Unplaced[] {
    return this.#rooms.get(room) ?? []
  }

  /** Forgets what was taken in. For after a transaction that was undone. */
  reload(): void {
    this.#unplaced = undefined
    this.#settleAt = 0
  }

  /** Puts into the index what is in rows up to `number`, and the rest of those rooms. */
  #settleUpTo(number: number): void {
    for (const [room, [first]] of this.#rooms) {
      this.#settleAt = (first?.number ?? 0) + MAX_UNPLACED_ROWS
      if (first && first.number > number) return
      this.settle(room)
    }
  }

  get #rooms(): Map<number, Unplaced[]> {
    if (this.#unplaced) return this.#unplaced
    const rows = this.#sql.findUnplaced.all() as unknown as readonly (Unplaced & { readonly room: number })[]
    this.#unplaced = new Map()
    for (const { room, seq, number } of rows) append(this.#unplaced, room, { seq, number })
    return this.#unplaced
  }
}

function append(rooms: Map<number, Unplaced[]>, room: number, message: Unplaced): void {
  const waiting = rooms.get(room)
  if (waiting) waiting.push(message)
  else rooms.set(room, [message])
}
