import cluster from 'node:cluster'
import type { ServeValues } from './options.ts'
import type { Environment } from './parse-options.ts'
import { UsageError } from './parse-options.ts'
import { runServer } from './run-server.ts'
import { runWorkers } from './run-workers.ts'

/** Serves with as many processes as are asked for, until a signal stops them. Rejects where they cannot start. */
export async function runServe(options: ServeValues, environment: Environment): Promise<void> {
  if (options.workers === 1 || cluster.isWorker) return runServer(options, environment)
  if (options.redis === undefined) {
    throw new UsageError(
      `${options.workers} processes (--workers, WEB_CONCURRENCY) are one chat only on a Redis: set REDIS_URL (without --data) or --redis, or WEB_CONCURRENCY=1`,
    )
  }
  return runWorkers(options, environment)
}
