import { serve } from '../index.ts'
import type { Backend, ChatServer } from '../index.ts'
import type { Log } from './log.ts'
import { openBackend } from './open-backend.ts'
import { openLog } from './open-log.ts'
import { SERVE_OPTIONS } from './options.ts'
import type { ServeValues } from './options.ts'
import { findUnknownVariables, UsageError } from './parse-options.ts'
import type { Environment } from './parse-options.ts'
import { toServeOptions } from './serve-options.ts'
import { createServerLogger } from './server-logger.ts'
import { stopOnSignal } from './stop-on-signal.ts'
import { WorkerMetrics } from './worker-metrics.ts'
import { findWorkerNumber, tellPrimary } from './worker.ts'

/** The spread and the closing after it fit into the 10 s that a process has to stop. */
const MAX_SPREAD_MS = 8_000

/** Starts a server that runs until a signal stops it, in this process, which may be a worker. Rejects where it cannot start. */
export async function runServer(options: ServeValues, environment: Environment): Promise<void> {
  refuseWipedDisk(options, environment)
  const worker = findWorkerNumber(environment)
  const serveOptions = toServeOptions(options, environment)
  const { log, announce, flush } = openLog(options, worker)
  process.on('exit', flush)
  if (worker === undefined) warnOfVariables(environment, log)
  const backend = await openLogged(options, log, worker)
  const metrics = worker === undefined ? undefined : shareMetrics(serveOptions, worker)
  const server = await startOn(backend, { ...serveOptions, ...(metrics && { metrics: metrics.options }) }, log)
  metrics?.listen(server)
  stopOnSignal((signal) => stop(server, backend, options, log, signal))
  if (worker === undefined) announce(server.url)
  else tellPrimary({ type: 'ready', url: server.url })
}

/** What is found at the start is the same for all workers, so that whoever started this one says it. */
async function openLogged(options: ServeValues, log: Log, worker: number | undefined): Promise<Backend> {
  let isStarting = worker !== undefined
  const backend = await openBackend(options, (text, fields) => {
    if (isStarting) tellPrimary({ type: 'warning', text })
    else log.warn(text, fields)
  })
  isStarting = false
  return backend
}

/** Of all platforms this one is known to wipe its disk, and to be where a chat is tried out. */
function refuseWipedDisk({ ephemeral, redis }: ServeValues, { DYNO }: Environment): void {
  if (DYNO === undefined || ephemeral || redis !== undefined) return
  throw new UsageError(
    'Heroku wipes the disk of a dyno at least once a day, and all messages with it: add a Redis (heroku addons:create heroku-redis), or accept that with --ephemeral',
  )
}

/** For the log of a process that serves, or has workers that do. */
export function warnOfVariables(environment: Environment, log: Log): void {
  for (const variable of findUnknownVariables(SERVE_OPTIONS, environment))
    log.warn(`${variable} is no option; natter --help lists them`)
}

/** The metrics of a worker; undefined where they are off. */
function shareMetrics({ metrics }: ReturnType<typeof toServeOptions>, worker: number): WorkerMetrics | undefined {
  return metrics ? new WorkerMetrics(metrics === true ? {} : metrics, worker) : undefined
}

async function startOn(backend: Backend, options: ReturnType<typeof toServeOptions>, log: Log): Promise<ChatServer> {
  try {
    return await serve({
      ...options,
      backend,
      logger: createServerLogger(log),
    })
  } catch (error) {
    await backend.close()
    throw error
  }
}

async function stop(
  server: ChatServer,
  backend: Backend,
  { shutdownSpread }: ServeValues,
  log: Log,
  signal: string,
): Promise<void> {
  try {
    log.info('stopping', { signal })
    await server.close({ spreadMs: Math.min(shutdownSpread, MAX_SPREAD_MS) })
    await backend.close()
    log.info('stopped')
  } catch (error) {
    log.error('fault while stopping', error)
  }
}
