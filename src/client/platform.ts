import type { ClientEnvironment, ClientStorage, WakeReason } from './environment.ts'

/** What browsers, workers and Node have of their own. */
export function createPlatformEnvironment(): ClientEnvironment {
  const storage = findStorage()
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    setTimer(task, delayMs) {
      const timer = setTimeout(task, delayMs)
      return () => clearTimeout(timer)
    },
    openSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
    onWake,
    storage,
    locks: storage && navigator.locks,
  }
}

// Node has a localStorage too, and prints a warning when it is merely looked at: only a page's is meant.
function findStorage(): ClientStorage | undefined {
  if (typeof document === 'undefined') return undefined
  try {
    return localStorage
  } catch {
    // Denied, as in a sandboxed frame.
    return undefined
  }
}

function onWake(listener: (reason: WakeReason) => void): () => void {
  if (typeof addEventListener === 'undefined') return () => {}
  const ended = new AbortController()
  const { signal } = ended
  addEventListener('online', () => listener('online'), { signal })
  addEventListener('pageshow', () => listener('visible'), { signal })
  if (typeof document !== 'undefined') {
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') listener('visible')
      },
      { signal },
    )
  }
  return () => ended.abort()
}
