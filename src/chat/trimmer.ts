import type { Backend, Extent, StoredMessage } from '../backend/backend.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Environment } from './environment.ts'
import type { FaultReport } from './fault-report.ts'
import type { Observer } from './observer.ts'
import { findChangeTime } from './retention.ts'
import type { Retention } from './retention.ts'

/** Milliseconds within which the first pass begins. */
const FIRST_PASS_MS = 1_000

/** Milliseconds between two passes, give or take a half, so that processes do not go in step. */
const PASS_INTERVAL_MS = 60_000

const LEASE = 'retention'

/** Milliseconds for which one process of several passes through the rooms. It asks again with every step. */
const LEASE_MS = 3 * PASS_INTERVAL_MS

/** Messages that one step removes: some milliseconds of work for the log. */
const STEP_MESSAGES = 100

/** Milliseconds of rest after each step. */
const REST_MS = 10

/** Superseded changes that are kept before the oldest message, so that who was away for a moment while one message kept changing can resume. */
const SUPERSEDED_KEPT = 1_000

export interface TrimmerOptions {
  readonly backend: Pick<Backend, 'rooms' | 'extent' | 'countMessages' | 'readChanges' | 'trim' | 'lease'>
  readonly retention: Retention
  readonly environment: Environment
  readonly observer: Pick<Observer, 'onTrimmed'>
  readonly faults: FaultReport
}

/**
 * Removes from all rooms there are, whoever is in them, what is not to be kept any longer: one pass after another, in small steps with rests in
 * between, by one timer for all. What it reads of a room that has nothing to remove is a message or two.
 *
 * A step removes the start of a log and nothing in its midst, so what is left resumes as before; and a log's start is moved forward only, so
 * that it does no harm where several processes do this at a time. A step names the epoch it was worked out for: of another log it removes nothing.
 */
export class Trimmer {
  readonly #options: TrimmerOptions
  #hasLease = false
  #isClosed = false
  #stopWaiting = (): void => {}
  readonly #running: Promise<void>

  /** Begins by itself. */
  constructor(options: TrimmerOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Resolves once the step under way, if there is one, is done. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#stopWaiting()
    return this.#running
  }

  async #run(): Promise<void> {
    await this.#wait(FIRST_PASS_MS * this.#draw())
    while (!this.#isClosed) {
      try {
        await this.#pass()
      } catch (error) {
        // It goes on with the next pass. While the log is away, that is told on every path.
        if (!this.#isClosed) this.#options.faults.refusalOf(error, { stage: 'trimming rooms' })
      }
      await this.#wait(PASS_INTERVAL_MS * (0.5 + this.#draw()))
    }
    await this.#giveLeaseBack()
  }

  async #pass(): Promise<void> {
    const { backend } = this.#options
    for await (const rooms of backend.rooms()) {
      if (!(await this.#mayGoOn())) return
      for (const room of rooms) await this.#trimRoom(room)
    }
  }

  /** Rests a little. Resolves to whether there is to be another step. */
  async #mayGoOn(): Promise<boolean> {
    await this.#wait(REST_MS)
    if (this.#isClosed) return false
    return (this.#hasLease = await this.#options.backend.lease(LEASE, LEASE_MS))
  }

  /** So that whoever is there next, as after a deploy, need not wait for its end. */
  async #giveLeaseBack(): Promise<void> {
    if (!this.#hasLease) return
    try {
      await this.#options.backend.lease(LEASE, 1)
    } catch {
      // The log is away. It ends by itself.
    }
  }

  async #trimRoom(room: RoomId): Promise<void> {
    const { maxAgeMs, maxMessages } = this.#boundsOf(room)
    if (this.#isClosed || (maxAgeMs === 0 && maxMessages === 0)) return
    const extent = await this.#options.backend.extent(room)
    const surplus = maxMessages === 0 ? 0 : await this.#countSurplus(room, extent, maxMessages)
    if (surplus === 0 && maxAgeMs === 0 && lengthOf(extent) <= SUPERSEDED_KEPT) return
    await this.#trimFrom(room, extent, new Sieve(surplus, maxAgeMs, this.#options.environment.now()))
  }

  /** What the app decides; where it fails, everything is kept. */
  #boundsOf(room: RoomId): ReturnType<Retention> {
    try {
      return this.#options.retention(room)
    } catch (error) {
      this.#options.faults.reportOutage(error, { stage: 'asking for the retention of a room' })
      return { maxAgeMs: 0, maxMessages: 0 }
    }
  }

  /** A log has no more messages than changes, so most rooms need no counting. */
  async #countSurplus(room: RoomId, extent: Extent, maxMessages: number): Promise<number> {
    if (lengthOf(extent) <= maxMessages) return 0
    return Math.max(0, (await this.#options.backend.countMessages(room)) - maxMessages)
  }

  async #trimFrom(room: RoomId, { start }: Extent, sieve: Sieve): Promise<void> {
    const { backend, observer } = this.#options
    let [position, trimmed, limit] = [start, start.seq, 1]
    do {
      const read = await backend.readChanges(room, position, limit)
      // Another process was faster, or the log is another one.
      if (read.status === 'reset') return
      const goal = sieve.sift(read.messages, read.position.seq)
      if (goal > trimmed) {
        const messages = await backend.trim(room, goal, read.position.epoch)
        if (messages > 0) observer.onTrimmed({ room, messages })
        trimmed = goal
      }
      if (sieve.isDone || read.position.seq >= read.head.seq) return
      position = read.position
      limit = STEP_MESSAGES
    } while (await this.#mayGoOn())
  }

  /** A number from 0 to 1. */
  #draw(): number {
    return this.#options.environment.randomBytes(1)[0]! / 256
  }

  async #wait(ms: number): Promise<void> {
    if (this.#isClosed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const stopTimer = this.#options.environment.setTimer(resolve, ms)
    this.#stopWaiting = () => {
      stopTimer()
      resolve()
    }
    await promise
  }
}

/** Parts the messages that are to go from those that stay, in the order in which a log loses them. */
class Sieve {
  #surplus: number
  readonly #maxAgeMs: number
  readonly #now: number
  #isDone = false

  /** @param surplus How many have to go whatever their age. */
  constructor(surplus: number, maxAgeMs: number, now: number) {
    this.#surplus = surplus
    this.#maxAgeMs = maxAgeMs
    this.#now = now
  }

  /** Whether a message has been found that stays: then all that come after it do. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** Up to which seq the log can go. `messages`: the next ones, by rev, or none where all changes up to `reached` are superseded. */
  sift(messages: readonly StoredMessage[], reached: Seq): Seq {
    let goal = 0 as Seq
    for (const { rev, body } of messages) {
      const fate = this.#fateOf(body)
      if (fate === 'goes') goal = rev
      else if (fate === 'stays') this.#isDone = true
      if (this.#isDone) return Math.max(goal, rev - 1 - SUPERSEDED_KEPT) as Seq
    }
    return messages.length === 0 ? ((reached - SUPERSEDED_KEPT) as Seq) : goal
  }

  #fateOf(body: string): 'goes' | 'stays' | 'unknown' {
    if (this.#surplus > 0) {
      this.#surplus--
      return 'goes'
    }
    if (this.#maxAgeMs === 0) return 'stays'
    const time = findChangeTime(body, this.#now)
    if (time === undefined) return 'unknown'
    return time < this.#now - this.#maxAgeMs ? 'goes' : 'stays'
  }
}

function lengthOf({ start, head }: Extent): number {
  return head.seq - start.seq
}
