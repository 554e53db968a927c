import { createRedisBackend } from '../../src/redis.ts'
import { serve } from '../../src/index.ts'

/** What a test tells this process, each answered by itself once it is done. */
export type HostOrder =
  /** The app knows this user no more, or lets them read nothing. */
  | { readonly type: 'forget' | 'bar'; readonly user: string }
  | { readonly type: 'revalidate' | 'disconnect'; readonly user: string }

// One of several processes of an app whose chat is on Redis: who its users are is in their cookie.
const [url = '', keyPrefix = ''] = process.argv.slice(2)
const barred = new Set<string>()
const forgotten = new Set<string>()
const backend = await createRedisBackend({ url, keyPrefix })
const server = await serve({
  backend,
  port: 0,
  host: 'localhost',
  authenticate: ({ headers: { cookie: id = '' } }) => (id === '' || forgotten.has(id) ? null : { id, name: id }),
  authorize: ({ id }) => !barred.has(id),
})

process.on('message', (order: HostOrder) => {
  void carryOut(order).then(() => process.send?.(order))
})
process.send?.(server.url)

async function carryOut({ type, user }: HostOrder): Promise<void> {
  if (type === 'forget') forgotten.add(user)
  else if (type === 'bar') barred.add(user)
  else await server.chat[type](user)
}
