import type { ComponentChildren, JSX } from 'preact'

interface Props {
  readonly title: string
  readonly says: string
  /** The way on, as a button or a link. */
  readonly children?: ComponentChildren
}

/** Stands where the messages would, when there is a reason that they cannot be shown. */
export function Trouble({ title, says, children }: Props): JSX.Element {
  return (
    <div class="trouble">
      <h2>{title}</h2>
      <p>{says}</p>
      {children}
    </div>
  )
}
