import cluster from 'node:cluster'
import type { Readable } from 'node:stream'
import { CommandError } from './command-error.ts'
import { openLog } from './open-log.ts'
import type { OpenLog } from './open-log.ts'
import type { ServeValues } from './options.ts'
import type { Environment } from './parse-options.ts'
import { warnOfVariables } from './run-server.ts'
import { stopOnSignal } from './stop-on-signal.ts'
import { WorkerPool } from './worker-pool.ts'
import type { StartFailure } from './worker-pool.ts'
import { WORKER_VARIABLE } from './worker.ts'

/** Somewhat more than a worker takes at most, and less than the 10 s that there are. */
const EXIT_WITHIN_MS = 9_800

/**
 * Runs workers that serve on one port until a signal stops them. This process takes the connections and hands them out, starts workers
 * that ended again, and writes their log.
 *
 * @throws {CommandError} Where one of them ends before it serves.
 */
export async function runWorkers(options: ServeValues, environment: Environment): Promise<void> {
  const output = openLog(options, undefined)
  const { log, announce, format, flush } = output
  process.on('exit', flush)
  warnOfVariables(environment, log)
  cluster.setupPrimary({
    // The last one counts: what a worker writes goes through a pipe, whatever this process writes to.
    args: [...process.argv.slice(2), '--log-format', format],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const pool = new WorkerPool({ count: options.workers, fork: (number) => forkWorker(number, output), log })
  // Whatever ends this process: a worker that does not end by itself would keep the port.
  process.on('exit', () => pool.kill())
  stopOnSignal(async (signal) => {
    log.info('stopping', { signal })
    await pool.stop()
    log.info('stopped')
  }, EXIT_WITHIN_MS)
  const started = await pool.start()
  if (started.status === 'ready') announce(started.url)
  else if (started.status === 'failed') await giveUp(pool, started)
}

function forkWorker(number: number, { pass }: OpenLog): ReturnType<typeof cluster.fork> {
  const worker = cluster.fork({ [WORKER_VARIABLE]: String(number) })
  if (worker.process.stdout) passLines(worker.process.stdout, pass)
  return worker
}

/** Hands on what is written in whole lines, so that those of several workers do not get mixed up. */
function passLines(stream: Readable, pass: (lines: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) pass(rest + text.slice(0, end))
    rest = end > 0 ? text.slice(end) : rest + text
  })
  stream.on('end', () => rest !== '' && pass(`${rest}\n`))
}

async function giveUp(pool: WorkerPool, { number, code, signal }: StartFailure): Promise<void> {
  await pool.stop()
  // The first one has said what is wrong, with the options or with Redis, and it is the same for all.
  if (number === 1 && code !== null && code > 0) process.exitCode = code
  else throw new CommandError(`worker ${number} ended before it served (${signal ?? `exit code ${code}`}): giving up`)
}
