/**
 * Has a room of many messages on SQLite trimmed by a running server, which otherwise does nothing but take ten posts a second, and prints how
 * long that took and what it did to the event loop.
 *
 *   node bench/retention.ts [messages] [kept]
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createChat, createSqliteBackend } from '../src/index.ts'
import { observing } from '../test/helpers.ts'
import type { Backend, ServerObserver } from '../src/index.ts'
import type { Key, MessageId, RoomId, UserId } from '../src/protocol/ids.ts'

const [messages = 1_000_000, kept = 1_000] = process.argv.slice(2).map(Number)
const GROUP = 5_000
const POST_INTERVAL_MS = 100
const ROOM = 'lobby' as RoomId

const folder = await mkdtemp(join(tmpdir(), 'natter-bench-'))
const file = join(folder, 'natter.db')
try {
  await fill()
  const sizeBefore = (await stat(file)).size
  const backend = createSqliteBackend({ file })
  const idle = await measure(backend, undefined, () => new Promise((resolve) => setTimeout(resolve, 10_000)))
  printRow('10 s without retention', idle)
  let left = messages - kept
  const { promise: trimmed, resolve } = Promise.withResolvers<void>()
  const observer = { onTrimmed: (step: { readonly messages: number }) => (left -= step.messages) <= 0 && resolve() }
  const busy = await measure(backend, observer, () => trimmed)
  printRow(`${messages} messages to ${kept}`, busy)
  await fillSome(backend, kept, GROUP)
  await backend.close()
  console.log(`file: ${megabytes(sizeBefore)}, and ${megabytes((await stat(file)).size)} after that and ${GROUP} more`)
} finally {
  await rm(folder, { recursive: true })
}

interface Measured {
  readonly seconds: number
  readonly delayMs: { readonly median: number; readonly p99: number; readonly max: number }
  readonly postMs: { readonly median: number; readonly p99: number; readonly max: number }
  readonly cpu: number
}

async function fill(): Promise<void> {
  const backend = createSqliteBackend({ file })
  for (let from = 0; from < messages; from += GROUP) await fillSome(backend, from, Math.min(GROUP, messages - from))
  await backend.close()
}

/** Messages as a chat has them: about 300 bytes each. */
async function fillSome(backend: Backend, from: number, count: number): Promise<void> {
  const sender = 'u_ada' as UserId
  const appends = Array.from({ length: count }, (_, index) => {
    const name = String(from + index).padStart(12, '0')
    const id = `${Date.now().toString(36)}-${name}` as MessageId
    const body = {
      id,
      author: { id: sender, name: 'Ada' },
      text: `message ${name} ${'x'.repeat(150)}`,
      postedAt: Date.now(),
    }
    return backend.append({
      room: ROOM,
      sender,
      key: id as string as Key,
      digest: name,
      messageId: id,
      body: JSON.stringify(body),
    })
  })
  await Promise.all(appends)
}

/** Runs a chat on `backend` while `work` is under way, and posts in it all the time. */
async function measure(
  backend: Backend,
  observer: Pick<ServerObserver, 'onTrimmed'> | undefined,
  work: () => Promise<void>,
): Promise<Measured> {
  const chat = createChat({
    backend,
    ...(observer && { retention: { maxMessages: kept }, observer: observing(observer) }),
  })
  const delays = monitorEventLoopDelay({ resolution: 1 })
  const posts: number[] = []
  const posting = setInterval(() => {
    const since = performance.now()
    const post = chat.post({ room: 'side', author: 'Bench', text: 'hi' })
    post.then(() => posts.push(performance.now() - since), fail)
  }, POST_INTERVAL_MS)
  const since = performance.now()
  const cpuSince = process.cpuUsage()
  delays.enable()
  await work()
  delays.disable()
  const seconds = (performance.now() - since) / 1_000
  const { user, system } = process.cpuUsage(cpuSince)
  clearInterval(posting)
  await chat.close({ spreadMs: 0 })
  const sorted = posts.toSorted((one, other) => one - other)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  const delayAt = (percentile: number): number => Math.max(0, delays.percentile(percentile) / 1e6 - 1)
  return {
    seconds,
    delayMs: { median: delayAt(50), p99: delayAt(99), max: delayAt(100) },
    postMs: { median: at(0.5), p99: at(0.99), max: at(1) },
    cpu: (user + system) / 1e6 / seconds,
  }
}

function printRow(name: string, { seconds, delayMs, postMs, cpu }: Measured): void {
  const three = ({ median, p99, max }: Measured['postMs']): string =>
    [median, p99, max].map((ms) => ms.toFixed(1)).join(' / ')
  console.log(
    `${name}: ${seconds.toFixed(1)} s; event loop delay, median / p99 / longest ms: ${three(delayMs)}; ack of a post: ${three(postMs)}; CPU ${(100 * cpu).toFixed(0)} % of a core`,
  )
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

function fail(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
