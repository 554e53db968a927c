import cluster from 'node:cluster'
import type { Environment } from './parse-options.ts'

/** In the environment of a worker: its number. Not `NATTER_…`, since it is no option. */
export const WORKER_VARIABLE = 'WORKER_OF_NATTER'

/** What a worker tells the process that started it. */
export type WorkerMessage =
  /** It serves. */
  | { readonly type: 'ready'; readonly url: string }
  /** Something that it found when it started, and that other workers find too. */
  | { readonly type: 'warning'; readonly text: string }
  /** It was asked for its metrics, and wants those of all. */
  | { readonly type: 'gather'; readonly id: number }
  /** What it measured. */
  | { readonly type: 'measured'; readonly id: number; readonly text: string }

/** What the process that started a worker tells it. */
export type PrimaryMessage =
  /** It is to say what it measured. */
  | { readonly type: 'measure'; readonly id: number }
  /** What all workers measured. */
  | { readonly type: 'gathered'; readonly id: number; readonly text: string }

/** The number of this process among workers, from 1; undefined where it is none. */
export function findWorkerNumber({ [WORKER_VARIABLE]: number }: Environment): number | undefined {
  return cluster.isWorker ? Number(number) : undefined
}

/** Tells the process that started this worker. */
export function tellPrimary(message: WorkerMessage): void {
  process.send?.(message)
}
