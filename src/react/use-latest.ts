import { useEffect, useLayoutEffect, useRef } from 'react'

/** React 18 warns of layout effects where it renders to a string. */
export const useEarlyEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

/** What was passed last, for callbacks that live longer than one drawing. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value)
  useEarlyEffect(() => {
    latest.current = value
  })
  return latest
}
