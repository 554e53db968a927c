import type { JSX } from 'preact'

/** Stands in for messages that are on their way, in the same shapes as the document's own until the script ran. */
export function Skeleton(): JSX.Element {
  return (
    <div class="skeleton" role="img" aria-label="Loading messages">
      <i />
      <i />
      <i />
      <i />
    </div>
  )
}
