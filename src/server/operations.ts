import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import type { Health } from './health.ts'
import { METRICS_TYPE } from './metrics.ts'
import type { MetricsOptions } from './options.ts'
import { respondText } from './respond.ts'

export interface OperationsOptions {
  readonly health: Health
  /** Absent where metrics are off. */
  readonly metricsOptions: MetricsOptions | undefined
  /** What this process measured, as text. */
  readonly readMetrics: () => Promise<string>
}

/** What the machines around a server ask it. */
export function createOperations({ health, metricsOptions, readMetrics }: OperationsOptions): Hono {
  const app = new Hono()
  app.get('/live', (c) => respondText(c, 200, 'live\n'))
  app.get('/ready', async (c) => {
    const state = await health.check()
    return respondText(c, state === 'ready' ? 200 : 503, `${state}\n`)
  })
  if (metricsOptions) {
    const { token, gather = readMetrics } = metricsOptions
    if (token !== undefined) app.use('/metrics', bearerAuth({ token, realm: 'metrics' }))
    app.get('/metrics', async (c) => respondText(c, 200, await gather(), { 'Content-Type': METRICS_TYPE }))
  }
  return app
}
