import type { Environment } from './environment.ts'
import type { Delivery, FanOut } from './fan-out.ts'
import { FrameBudget } from './frame-log.ts'
import type { Observer } from './observer.ts'
import type { RoomReader } from './reader.ts'

/** Writes in one turn of the event loop; then sockets are read and groups committed before the pass goes on. About 2 ms. */
const WRITES_PER_TURN = 256

/** Turns after which what waits for the passes to be done waits no longer: in a room that is never quiet they never are. 20 ms or more. */
const MAX_TURNS_WAITED = 8

/** Runs the passes of all fan-outs that have something to deliver, in turn, a slice for each turn of the event loop. */
export class Pump {
  readonly environment: Environment
  readonly #observer: Observer
  /** What all the fan-outs' logs keep. */
  readonly budget = new FrameBudget()
  readonly #queue: FanOut[] = []
  readonly #afterTurn: (() => void)[] = []
  readonly #afterPasses: (() => void)[] = []
  #turnsWaited = 0
  /** What was delivered and has yet to be told of. */
  #delivery = emptyDelivery()
  #isScheduled = false

  constructor(environment: Environment, observer: Observer) {
    this.environment = environment
    this.#observer = observer
  }

  schedule(fanOut: FanOut): void {
    this.#queue.push(fanOut)
    this.#scheduleTurn()
  }

  /** Runs `task` once the next turn has delivered. */
  afterTurn(task: () => void): void {
    this.#afterTurn.push(task)
    this.#scheduleTurn()
  }

  /** Runs `task` once all is delivered, so that it holds up nobody's message; after some turns where that never is. */
  afterPasses(task: () => void): void {
    this.#afterPasses.push(task)
    this.#scheduleTurn()
  }

  /** Runs now what waits for all to be delivered. */
  runWaiting(): void {
    this.#turnsWaited = 0
    runAll(this.#afterPasses)
  }

  /** Delivers to one reader outside a pass. */
  flush(fanOut: FanOut, reader: RoomReader): void {
    fanOut.flush(reader, this.#delivery)
    this.#scheduleTurn()
  }

  /** Runs all passes to their ends. For when the chat closes. */
  drain(): void {
    this.#turn(Infinity)
  }

  get #hasMore(): boolean {
    return this.#queue.length > 0 || this.#afterTurn.length > 0 || this.#afterPasses.length > 0
  }

  #scheduleTurn(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.environment.defer(() => {
      try {
        this.#turn(WRITES_PER_TURN)
      } finally {
        // Also where a transport threw: all others still have something to come.
        this.#isScheduled = false
        if (this.#hasMore) this.#scheduleTurn()
      }
    })
  }

  /** Goes through the queue until it is empty or the writes are used up; a fan-out that is not done goes to the queue's end. */
  #turn(maxWrites: number): void {
    const delivery = this.#delivery
    let head = 0
    while (head < this.#queue.length && delivery.writes < maxWrites) {
      const fanOut = this.#queue[head++]!
      if (!fanOut.deliver(maxWrites - delivery.writes, delivery)) this.#queue.push(fanOut)
    }
    this.#queue.splice(0, head)
    runAll(this.#afterTurn)
    this.#report()
    this.#turnsWaited++
    if (this.#queue.length === 0 || this.#turnsWaited >= MAX_TURNS_WAITED) this.runWaiting()
  }

  #report(): void {
    const { writes, frames, bytes, oldestAt } = this.#delivery
    this.#delivery = emptyDelivery()
    if (writes > 0)
      this.#observer.onDeliver({ writes, frames, bytes, delayMs: this.environment.monotonicNow() - oldestAt })
  }
}

/** Runs the tasks there are, and takes them out. Those behind one that throws stay for the next time. */
function runAll(tasks: (() => void)[]): void {
  const count = tasks.length
  let done = 0
  try {
    while (done < count) tasks[done++]!()
  } finally {
    tasks.splice(0, done)
  }
}

function emptyDelivery(): Delivery {
  return { writes: 0, frames: 0, bytes: 0, oldestAt: Infinity }
}
