import type { Seq } from '../protocol/ids.ts'

/** How far this user has read in a room: here, and as the server has heard. */
export class ReadMarker {
  readonly #send: (seq: Seq, onAnswer: () => void) => void
  #seq = 0 as Seq
  #toldSeq: number = 0
  #isOpen = false
  #isTelling = false

  constructor(send: (seq: Seq, onAnswer: () => void) => void) {
    this.#send = send
  }

  get seq(): Seq {
    return this.#seq
  }

  /** This user read on, here. */
  advance(seq: Seq): void {
    if (seq > this.#seq) this.#seq = seq
    this.#tell()
  }

  /** The server says so: this user read on here or elsewhere. */
  heard(seq: Seq): void {
    this.#toldSeq = Math.max(this.#toldSeq, seq)
    if (seq > this.#seq) this.#seq = seq
  }

  /** The room is joined. `isFresh`: seqs of before mean nothing. */
  open(seq: Seq, isFresh: boolean): void {
    if (isFresh) this.#seq = this.#toldSeq = seq
    this.heard(seq)
    this.#isOpen = true
    this.#isTelling = false
    this.#tell()
  }

  close(): void {
    this.#isOpen = false
  }

  // One at a time: whoever scrolls fast reads many messages in the time of one answer.
  #tell(): void {
    if (!this.#isOpen || this.#isTelling || this.#seq <= this.#toldSeq) return
    const seq = this.#seq
    this.#isTelling = true
    this.#send(seq, () => {
      this.#toldSeq = Math.max(this.#toldSeq, seq)
      this.#isTelling = false
      this.#tell()
    })
  }
}
