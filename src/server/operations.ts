import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import type { ChatStats } from '../chat/chat.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'
import { respondText } from './respond.ts'

export interface OperationsOptions {
  readonly health: Health
  /** Absent where metrics are off. */
  readonly metrics: Metrics | undefined
  /** The chat as it is now, for gauges. */
  readonly readStats: () => ChatStats
  /** What a scraper must send as its bearer token. Absent where anybody may read the metrics. */
  readonly metricsToken: string | undefined
}

/** What the machines around a server ask it. */
export function createOperations({ health, metrics, metricsToken, readStats }: OperationsOptions): Hono {
  const app = new Hono()
  app.get('/live', (c) => respondText(c, 200, 'live\n'))
  app.get('/ready', async (c) => {
    const state = await health.check()
    return respondText(c, state === 'ready' ? 200 : 503, `${state}\n`)
  })
  if (metrics) {
    if (metricsToken !== undefined) app.use('/metrics', bearerAuth({ token: metricsToken, realm: 'metrics' }))
    app.get('/metrics', async (c) => {
      const { contentType, text } = await metrics.read(readStats())
      return respondText(c, 200, text, { 'Content-Type': contentType })
    })
  }
  return app
}
