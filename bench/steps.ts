/** Steps that a measurement can rely on. */
import type { Clients, ClientsOptions, Generator, Step } from './generator.ts'
import { isComplete } from './search.ts'

/** Clients that are opened anew after a step in which the server dropped some, so that the next step is complete again. */
export async function openReplaceable(
  generator: Generator,
  options: ClientsOptions,
): Promise<Pick<Clients, 'step'> & AsyncDisposable> {
  let clients = await generator.open(options)
  return {
    async step(rate, seconds) {
      const step = await clients.step(rate, seconds)
      if (step.closed > 0) {
        await clients[Symbol.asyncDispose]()
        clients = await generator.open(options)
      }
      return step
    },
    [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose](),
  }
}

/** @throws Error Where something was lost, doubled or out of order. */
export function requireComplete(name: string, step: Step): Step {
  if (isComplete(step)) return step
  throw new Error(`${name} did not deliver everything once and in order: ${JSON.stringify(step)}`)
}

/**
 * The same of what was posted, for what a delivery costs: that is to be had too of a server which falls so far behind that posting was ended.
 *
 * @throws Error Where something was lost, doubled or out of order.
 */
export function requireDelivered(name: string, step: Step): Step {
  const { aborted: _aborted, ...posted } = step
  requireComplete(name, posted)
  return step
}
