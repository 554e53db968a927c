import type { Rate } from '../index.ts'

/** How the value of an option is written, and what it means. */
export interface OptionKind<T> {
  /** What stands for the value in the help, like `<n>`; undefined for a flag, which is written without a value. */
  readonly placeholder: string | undefined
  /** @throws Error that says what the value must be, to be read after "--name: ". */
  readonly parse: (text: string) => T
  /** The value as one would write it. */
  readonly format: (value: T) => string
  /** Whether a message must not repeat the value. Defaults to false. */
  readonly isSecret?: boolean
  /** Whether it may be given in pieces, which a comma joins. Defaults to false: the last one counts. */
  readonly isList?: boolean
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export const flag: OptionKind<boolean> = {
  placeholder: undefined,
  parse(value) {
    if (/^(1|true|yes|on)$/i.test(value)) return true
    if (/^(0|false|no|off)$/i.test(value)) return false
    throw new Error('must be 1 or 0')
  },
  format: (value) => (value ? 'on' : 'off'),
}

export function text(placeholder: string): OptionKind<string> {
  return {
    placeholder,
    parse(value) {
      if (value.trim() === '') throw new Error('must not be empty')
      return value
    },
    format: (value) => value,
  }
}

/** Text that nobody may read off a log or a terminal. */
export function secret(placeholder: string): OptionKind<string> {
  return { ...text(placeholder), isSecret: true }
}

/** Several values, separated by commas. */
export const list: OptionKind<readonly string[]> = {
  placeholder: '<a,b,…>',
  isList: true,
  parse: (value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  format: (values) => values.join(','),
}

export function count({ min = 0, max = Number.MAX_SAFE_INTEGER } = {}): OptionKind<number> {
  return {
    placeholder: '<n>',
    parse(value) {
      const number = Number(value)
      if (/^\d+$/.test(value) && number >= min && number <= max) return number
      throw new Error(
        max === Number.MAX_SAFE_INTEGER
          ? `must be a whole number from ${min} up`
          : `must be a whole number from ${min} to ${max}`,
      )
    },
    format: String,
  }
}

/** Milliseconds, written with their unit. */
export const duration: OptionKind<number> = {
  placeholder: '<time>',
  parse(value) {
    const milliseconds = findDuration(value)
    if (milliseconds === undefined) throw new Error('must be a time like 15s, 2m or 30d, or 0')
    return milliseconds
  },
  format: formatDuration,
}

/** So many in such a time. */
export const rate: OptionKind<Rate> = {
  placeholder: '<n/time>',
  parse(value) {
    if (value === '0') return { burst: 0, perMs: UNIT_MS.s }
    const [, burst, time = ''] = /^(\d{1,9})\/(.+)$/.exec(value) ?? []
    const perMs = findDuration(time)
    if (burst === undefined || perMs === undefined || perMs === 0)
      throw new Error('must be a number and a time like 20/10s, or 0')
    return { burst: Number(burst), perMs }
  },
  format: ({ burst, perMs }) => (burst === 0 ? '0' : `${burst}/${formatDuration(perMs)}`),
}

export function choice<const T extends string>(choices: readonly T[]): OptionKind<T> {
  return {
    placeholder: `<${choices.join('|')}>`,
    parse(value) {
      const chosen = choices.find((name) => name === value)
      if (chosen === undefined) throw new Error(`must be one of ${choices.join(', ')}`)
      return chosen
    },
    format: (value) => value,
  }
}

/** An option that is not there unless it is given. */
export function optional<T>({ format, ...kind }: OptionKind<T>): OptionKind<T | undefined> {
  return { ...kind, format: (value) => (value === undefined ? '' : format(value)) }
}

function findDuration(value: string): number | undefined {
  if (value === '0') return 0
  const [, number, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) ?? []
  const milliseconds = Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined
}

function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0'
  if (milliseconds % UNIT_MS.d === 0) return `${milliseconds / UNIT_MS.d}d`
  if (milliseconds % UNIT_MS.h === 0) return `${milliseconds / UNIT_MS.h}h`
  if (milliseconds % UNIT_MS.m === 0) return `${milliseconds / UNIT_MS.m}m`
  return milliseconds % UNIT_MS.s === 0 ? `${milliseconds / UNIT_MS.s}s` : `${milliseconds}ms`
}
