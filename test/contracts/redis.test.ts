import { after } from 'node:test'
import { createRedisBackend } from '../../src/backend/redis.ts'
import { startRedis } from '../helpers/redis.ts'
import { testBackend } from './backend.ts'

const redis = await startRedis()
after(() => redis.close())

let logs = 0

// Each log is a chat of its own in one Redis.
testBackend(
  'redis',
  async () => {
    const keyPrefix = `natter-${++logs}`
    return {
      open: async (environment, forRestore) =>
        createRedisBackend({ url: redis.url, keyPrefix, environment, forRestore }),
      remove: async () => {},
    }
  },
  { isDurable: true },
)
