import cluster from 'node:cluster'
import type { Environment } from './parse-options.ts'

/** In the environment of a worker: its number. Not `NATTER_…`, since it is no option. */
export const WORKER_VARIABLE = 'WORKER_OF_NATTER'

/** What a worker tells once it serves. */
export interface ReadyMessage {
  readonly url: string
}

/** The number of this process among workers, from 1; undefined where it is none. */
export function findWorkerNumber({ [WORKER_VARIABLE]: number }: Environment): number | undefined {
  return cluster.isWorker ? Number(number) : undefined
}

/** Tells the process that started this worker where it serves. */
export function tellReady(url: string): void {
  process.send?.({ url } satisfies ReadyMessage)
}
