import type { ChatServer, MetricsOptions } from '../index.ts'
import { Questions } from './questions.ts'
import { tellPrimary } from './worker.ts'
import type { PrimaryMessage } from './worker.ts'

/** Longer than it takes to do without a worker that hangs, and shorter than a scraper waits. */
const GATHERED_WITHIN_MS = 5_000

/** The metrics of a worker: whoever scrapes it gets those of all workers, told apart by their numbers. */
export class WorkerMetrics {
  readonly options: MetricsOptions
  readonly #questions = new Questions(GATHERED_WITHIN_MS)

  /** `options` are those of the worker itself. */
  constructor(options: MetricsOptions, worker: number) {
    this.options = { ...options, labels: { worker: String(worker) }, gather: () => this.#gather() }
  }

  /** Answers what the process that started this one asks. */
  listen({ chat }: ChatServer): void {
    process.on('message', (message: PrimaryMessage) => {
      switch (message.type) {
        case 'measure':
          return void chat.metrics().then((text) => tellPrimary({ type: 'measured', id: message.id, text }))
        case 'gathered':
          return this.#questions.answer(message.id, message.text)
      }
    })
  }

  async #gather(): Promise<string> {
    const text = await this.#questions.ask((id) => tellPrimary({ type: 'gather', id }))
    if (text === undefined) throw new Error('the process that has the workers did not say what they measure')
    return text
  }
}
