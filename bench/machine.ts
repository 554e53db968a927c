/** What the benchmark needs of the machine, and what it reads from its /proc. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** One core for the server under test, one for the load generator and this program. */
export const SERVER_CORE = '0'
export const GENERATOR_CORE = '1'
/** Both, for servers that are several processes: too much for one core, and each too little for a core of its own. */
export const ANY_CORE = `${SERVER_CORE},${GENERATOR_CORE}`

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly node: string
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  }
}

/** @throws Error that says what is missing and how to get it. */
export function requireMachine(): void {
  if (process.platform !== 'linux') throw new Error('The benchmark needs Linux: it uses epoll, taskset and /proc.')
  if (availableParallelism() < 2)
    throw new Error('The benchmark needs two cores, one for the server and one for the load.')
  if (cpuSecondsOf(process.pid) === 0)
    throw new Error(
      'The benchmark needs a kernel that counts the time of threads in /proc/<pid>/task/<thread>/schedstat.',
    )
  requireProgram('taskset', 'apt-get install util-linux')
  requireProgram('cc', 'apt-get install gcc libc6-dev')
  requireProgram('redis-server', 'apt-get install redis-server')
}

function requireProgram(name: string, howToGetIt: string): void {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new Error(`The benchmark needs the program ${name}. On Debian: ${howToGetIt}`, { cause })
  }
}

/** Time that the threads that a process has were on a core so far, in user space and in the kernel: finer than the hundredths of /proc/<pid>/stat. */
export function cpuSecondsOf(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onCore] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    nanoseconds += Number(onCore)
  }
  return nanoseconds / 1e9
}

/** Resident memory of a process. */
export function memoryKiBOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** What the kernel counts time in for user space, on every architecture Node runs on. */
const TICKS_PER_SECOND = 100

/** Seconds in which the server's core did anything at all, or was taken away by the host. */
export function serverCoreBusySeconds(): number {
  const line = new RegExp(`^cpu${SERVER_CORE} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number)
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
}
