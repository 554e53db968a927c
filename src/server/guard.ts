import { inspect } from 'node:util'
import type { ServerObserver } from './observer.ts'

/** Makes of a function of the app one that never throws, whether it fails at once or later. */
export type Guard = <Args extends readonly unknown[]>(tell: (...args: Args) => unknown) => (...args: Args) => void

/** For what the app only listens with: that it fails is no reason to end the process, and the first time is warned of. */
export function createGuard(): Guard {
  let hasWarned = false

  function warn(error: unknown): void {
    if (hasWarned) return
    hasWarned = true
    process.emitWarning('onError, logger or observer failed; later failures are not told', {
      code: 'NATTER',
      detail: inspect(error),
    })
  }

  return (tell) =>
    (...args) => {
      try {
        const answer = tell(...args)
        if (typeof answer === 'object' && answer !== null) Promise.resolve(answer).catch(warn)
      } catch (error) {
        warn(error)
      }
    }
}

export function guardObserver(observer: ServerObserver, guard: Guard): ServerObserver {
  return {
    onOpen: guard((...args) => observer.onOpen(...args)),
    onHello: guard((...args) => observer.onHello(...args)),
    onStored: guard((...args) => observer.onStored(...args)),
    onDeliver: guard((...args) => observer.onDeliver(...args)),
    onTrimmed: guard((...args) => observer.onTrimmed(...args)),
    onRefuse: guard((...args) => observer.onRefuse(...args)),
    onClose: guard((...args) => observer.onClose(...args)),
    onRequest: guard((...args) => observer.onRequest(...args)),
    onTurnAway: guard((...args) => observer.onTurnAway(...args)),
  }
}
