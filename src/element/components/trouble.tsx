import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { bringStyle } from '../styles/adopt-style.ts'
import css from './trouble.css'

interface Props {
  readonly title: string
  readonly says: string
  /** The way on, as a button or a link. */
  readonly children?: ComponentChildren
}

/** Stands where the messages would, when there is a reason that they cannot be shown. */
export function Trouble({ title, says, children }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => bringStyle(box.current, css), [])
  return (
    <div ref={box} class="trouble">
      <h2>{title}</h2>
      <p>{says}</p>
      {children}
    </div>
  )
}
