// Opens the Redis named on the command line and closes it when it reads something, once it has a resource of the kind it reads, if that
// is one. It is not ended: it has to find nothing to wait for.
// `redis-closing.test.ts` starts it.
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { openRedisBackend } from '../../src/backend/redis.ts'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'

/** Whatever is left waiting for as long as this is noticed. */
const FOR_EVER_MS = 2 ** 31 - 1

const [url = ''] = process.argv.slice(2)
try {
  const backend = await openRedisBackend(
    { url, onNotice: say },
    {
      ...DEFAULT_TIMINGS,
      connectTimeoutMs: FOR_EVER_MS,
      callTimeoutMs: 300,
      watchIntervalMs: 50,
      maxBackoffMs: 50,
      probeMs: 20,
      probeTimeoutMs: FOR_EVER_MS,
      compareMs: 20,
    },
  )
  say('open')
  const [data] = (await once(process.stdin, 'data')) as [Buffer]
  process.stdin.destroy()
  await untilThereIs(data.toString().trim())
  await backend.close()
  say('closed')
} catch (error) {
  say(`refused: ${String(error)}`)
  process.stdin.destroy()
}

async function untilThereIs(kind: string): Promise<void> {
  if (kind === '') return
  while (!process.getActiveResourcesInfo().includes(kind)) await setImmediate()
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
