import type { Signal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import type { TextKey } from './keys.ts'

interface Props {
  readonly boxRef: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly text: Signal<string>
  readonly placeholder?: string
  readonly describedBy?: string | undefined
  readonly invalid?: boolean
  readonly onKeyDown: (event: TextKey) => void
  readonly onType?: (text: string) => void
}

const growsByItself = (): boolean => CSS.supports('field-sizing', 'content')

/** A box of text that is as high as its lines, up to what the style sheet allows. */
export function TextBox({
  boxRef,
  label,
  text,
  placeholder,
  describedBy,
  invalid,
  onKeyDown,
  onType,
}: Props): JSX.Element {
  useLayoutEffect(() => {
    if (!growsByItself() && boxRef.current) fitHeight(boxRef.current)
  }, [text.value])
  return (
    <textarea
      part="input"
      ref={boxRef}
      rows={1}
      dir="auto"
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
      placeholder={placeholder}
      value={text.value}
      onKeyDown={onKeyDown}
      onInput={({ currentTarget }) => {
        text.value = currentTarget.value
        onType?.(currentTarget.value)
      }}
    />
  )
}

function fitHeight(box: HTMLTextAreaElement): void {
  box.style.blockSize = 'auto'
  box.style.blockSize = `${box.scrollHeight}px`
}
