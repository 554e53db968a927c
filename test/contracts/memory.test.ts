import { createMemoryBackend } from '../../src/backend/memory.ts'
import { testBackend } from './backend.ts'

testBackend(
  'memory',
  async () => ({
    open: async (environment) => createMemoryBackend({ environment }),
    remove: async () => {},
  }),
  { isDurable: false },
)
