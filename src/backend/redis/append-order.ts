/** What the script answered: a status and more. */
export type Reply = readonly string[]

/** By which it is known that an append was carried out, and that it was not another one of its key. */
export interface AppendMark {
  readonly key: string
  readonly tag: string
}

/**
 * Sends an append, which is carried out only if the `previous` one has been, and answers `early` otherwise. May be called again after that.
 * What is sent in one turn arrives in that order.
 */
type Send = (previous: AppendMark | undefined) => Promise<Reply>

interface Call {
  readonly send: Send
  /** Undefined where it changes nothing in any case. */
  readonly mark: AppendMark | undefined
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

/**
 * Keeps in order what is appended without waiting for the answers.
 *
 * A server that has forgotten its scripts refuses what was sent ahead, and may know them again, from another process, by the time the
 * next of it comes. So each append names the one before it in its lane, and is put off where that one was not carried out. What was put
 * off is sent again, in order, when the lane has all its answers; what comes meanwhile goes behind it. Other lanes wait for none of it.
 * An append that was not carried out for a reason of its own, as one that was in the log already, puts off the next one too, once.
 */
export class AppendOrder {
  readonly #lanes = new Map<string, Lane>()
  #onIdle: (() => void)[] = []

  /** Resolves with the answer, which is never `early`, or rejects as `send` does. */
  append(lane: string, mark: AppendMark | undefined, send: Send): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    this.#laneOf(lane).add({ send, mark, resolve, reject })
    return promise
  }

  /** Resolves once none is without an answer. */
  async idle(): Promise<void> {
    if (this.#lanes.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  #laneOf(name: string): Lane {
    const known = this.#lanes.get(name)
    if (known) return known
    const lane = new Lane(() => this.#remove(name))
    this.#lanes.set(name, lane)
    return lane
  }

  #remove(name: string): void {
    this.#lanes.delete(name)
    if (this.#lanes.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

/** Appends of which none may overtake another. */
class Lane {
  readonly #onEmpty: () => void
  /** Those without an answer, in the order they were made. */
  readonly #calls = new Set<Call>()
  /** How many of them are on their way. The others wait. */
  #sent = 0
  /** The newest that was sent and may change something. */
  #newest: AppendMark | undefined
  /** Why the newest that was answered was not carried out. */
  #refusal: { readonly error: unknown } | undefined

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  add(call: Call): void {
    const areWaiting = this.#calls.size > this.#sent
    this.#calls.add(call)
    if (!areWaiting) this.#send(call)
  }

  #send(call: Call): void {
    const previous = this.#newest
    this.#newest = call.mark ?? previous
    this.#sent++
    call.send(previous).then(
      (reply) => this.#answer(call, reply),
      (error: unknown) => this.#refuse(call, error),
    )
  }

  #answer(call: Call, reply: Reply): void {
    this.#sent--
    if (reply[0] !== 'early') {
      // One that was in the log already says nothing of those before it.
      if (reply[0] !== 'sent') this.#refusal = undefined
      this.#calls.delete(call)
      call.resolve(reply)
    }
    this.#goOn()
  }

  #refuse(call: Call, error: unknown): void {
    this.#sent--
    this.#refusal = { error }
    this.#calls.delete(call)
    call.reject(error)
    this.#goOn()
  }

  #goOn(): void {
    if (this.#sent > 0) return
    if (this.#calls.size === 0) return this.#onEmpty()
    this.#newest = undefined
    const waiting = [...this.#calls]
    // What is behind something that was refused is refused too: whoever sends both again keeps their order.
    if (this.#refusal) for (const call of waiting) this.#drop(call, this.#refusal.error)
    else for (const call of waiting) this.#send(call)
  }

  #drop(call: Call, error: unknown): void {
    this.#calls.delete(call)
    call.reject(error)
    if (this.#calls.size === 0) this.#onEmpty()
  }
}
