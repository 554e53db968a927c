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
      open: async (environment) => createRedisBackend({ url: redis.url, keyPrefix, environment }),
      remove: async () => {},
    }
  },
  { isDurable: true },
)
