import { createMemoryBackend } from '../../src/index.ts'
import type { Backend } from '../../src/index.ts'

/** A backend in memory of which some calls are replaced. */
export function brokenBackend(broken: (whole: Backend) => Partial<Backend>): Backend {
  const whole = createMemoryBackend()
  const replaced = broken(whole)
  return new Proxy(whole, {
    get(target, name) {
      const call: unknown = Reflect.get(name in replaced ? replaced : target, name)
      return typeof call === 'function' ? call.bind(target) : call
    },
  })
}
