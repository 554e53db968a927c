import type { Append, Appended, Backend } from '../../src/backend/backend.ts'
import { createMemoryBackend } from '../../src/backend/memory.ts'

type Proceed = (append: Append) => Promise<Appended>

/** A backend whose `append` goes through `intercept`, which may refuse, delay or carry it out. */
export function interceptedBackend(intercept: (append: Append, proceed: Proceed) => Promise<Appended>): Backend {
  return new Proxy(createMemoryBackend(), {
    get(target, name) {
      if (name === 'append') return (append: Append) => intercept(append, (given) => target.append(given))
      const value = target[name as keyof Backend] as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
