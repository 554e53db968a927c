import type { Commit } from './group-commit.ts'

/** Milliseconds between two commits under load: a flush of the disk then takes a few hundredths of the time. */
const PACE_MS = 12
/** The same in a busy process: the fewer the commits, the more of what they bring goes out together. */
const BUSY_PACE_MS = 20
/** The same in one that is busy with many small rooms, in which little goes out together as it is. */
const SCATTERED_PACE_MS = 60

/** From where to where something goes from not so to wholly so. */
type Ramp = readonly [from: number, to: number]
/** The share of its time that a process works at other things than commits, which is where fewer of them help: from not busy to busy. */
const BUSY: Ramp = [0.5, 0.8]
/** Appends of a commit to each of its rooms, were it to come at the pace of a busy process: from scattered over them to coming together. */
const TOGETHER: Ramp = [1, 2]
/** Appends per millisecond: from few, which are not what keeps a process busy, to many. */
const MANY: Ramp = [0, 2]

/** How far apart commits are to be, by what the last ones held and how busy the process was. */
export class CommitPace {
  #ms = PACE_MS
  #appends = 0
  #rooms = 0

  /** Milliseconds from one commit to the next. */
  get ms(): number {
    return this.#ms
  }

  count({ appends, rooms }: Commit): void {
    this.#appends += appends
    this.#rooms += rooms
  }

  /** Sets the pace by the commits since it was last set. `utilization`: the share of those `elapsedMs` for which the event loop was at other work than commits. */
  set(elapsedMs: number, utilization: number): void {
    const scattered = (1 - along(TOGETHER, this.#appendsPerRoom())) * along(MANY, this.#appends / elapsedMs)
    const busyPaceMs = BUSY_PACE_MS + scattered * (SCATTERED_PACE_MS - BUSY_PACE_MS)
    this.#ms = PACE_MS + along(BUSY, utilization) * (busyPaceMs - PACE_MS)
    this.#appends = this.#rooms = 0
  }

  /** At one pace, whatever the commits came at: else a longer pace would look as if less were scattered, and shorten itself. */
  #appendsPerRoom(): number {
    if (this.#rooms === 0) return Infinity
    return 1 + (this.#appends / this.#rooms - 1) * (BUSY_PACE_MS / this.#ms)
  }
}

/** 0 to 1: how far along the ramp the value is. */
function along([from, to]: Ramp, value: number): number {
  return Math.max(0, Math.min(1, (value - from) / (to - from)))
}
