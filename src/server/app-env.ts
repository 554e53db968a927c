import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { headOfRequest } from './forwarded.ts'
import type { RequestHead } from './forwarded.ts'

/** Where no node:http is underneath, a request has nothing but itself. */
export type AppEnv = { Bindings: Partial<HttpBindings> }

export function headOf({ env, req }: Pick<Context<AppEnv>, 'env' | 'req'>): RequestHead {
  return env.incoming ?? headOfRequest(req.raw)
}
