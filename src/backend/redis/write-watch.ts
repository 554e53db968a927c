import { ChatError } from '../../protocol/errors.ts'

/** What a server says that is there, and takes no writes: its memory is full, its replicas or its disk are missing. */
const REFUSES_WRITES = /^(OOM|NOREPLICAS|MISCONF)\b/

/** Whether that is why a server refused a command: what it has can be read. */
export function isWriteRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSES_WRITES.test(error.message)
}

/** Tells the operator when a server that answers no longer takes writes, and when it does again, once each. */
export class WriteWatch {
  readonly #address: string
  readonly #onNotice: (notice: string) => void
  #isRefused = false

  constructor(address: string, onNotice: (notice: string) => void) {
    this.#address = address
    this.#onNotice = onNotice
  }

  /** Resolves and rejects with the write. */
  async watch<Answer>(write: Promise<Answer>): Promise<Answer> {
    try {
      const answer = await write
      if (this.#isRefused) this.#tell('takes writes again', false)
      return answer
    } catch (error) {
      const reason = reasonOf(error)
      if (!this.#isRefused && REFUSES_WRITES.test(reason)) this.#tell(`takes no writes (${reason})`, true)
      throw error
    }
  }

  #tell(news: string, isRefused: boolean): void {
    this.#isRefused = isRefused
    this.#onNotice(`${this.#address} ${news}`)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ChatError && error.cause instanceof Error ? error.cause.message : ''
}
