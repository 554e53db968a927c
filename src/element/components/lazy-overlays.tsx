import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { lazy } from '../model/lazy.ts'

const overlays = lazy(async () => (await import('./overlays.tsx')).Overlays)

/** The panels, loaded once the browser has nothing better to do. */
export function LazyOverlays(): JSX.Element | null {
  useEffect(() => whenIdle(() => overlays.request()), [])
  const Overlays = overlays.value
  return Overlays ? <Overlays /> : null
}

/** Safari has no idle callback. Returns what takes the task back. */
function whenIdle(task: () => void): () => void {
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(task, 300)
    return () => clearTimeout(timer)
  }
  const handle = requestIdleCallback(task, { timeout: 1_000 })
  return () => cancelIdleCallback(handle)
}
