import type { OptionKind } from './option-kinds.ts'

export interface Option<T> {
  /** The heading it stands under. */
  readonly group: string
  readonly kind: Pick<OptionKind<T>, 'placeholder' | 'parse' | 'isSecret' | 'isList'>
  readonly default: T
  /** The default as one would write it; empty where there is none. */
  readonly defaultText: string
  /** A sentence or two, without a line break. */
  readonly help: string
  /** Variables it is read from where the command line does not have it, the first that is set. */
  readonly variables: (name: string) => readonly string[]
  /** The option that is given instead of this one: where that is typed, this one's variables are not read. Both cannot be typed. */
  readonly insteadOf?: string
}

/**
 * The options of a command. Its command line, the environment, `--help` and `docs/options.md` are all read off its table;
 * `maxText` is `--max-text` and `NATTER_MAX_TEXT`. Commands that share an option share its entry.
 */
export type OptionTable = Readonly<Record<string, Option<unknown>>>

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never
}

/** @param platformVariables What platforms set, the first that is set counts; the option's own, `NATTER_…`, goes before them. */
export function option<T>(
  group: string,
  kind: OptionKind<T>,
  value: NoInfer<T>,
  help: string,
  ...platformVariables: readonly string[]
): Option<T> {
  return {
    group,
    kind,
    default: value,
    defaultText: kind.format(value),
    help,
    variables: (name) => [variableOf(name), ...platformVariables],
  }
}

/** An option that says what one run of a command is about: on the command line only. */
export function argument<T>(group: string, kind: OptionKind<T>, value: NoInfer<T>, help: string): Option<T> {
  return { ...option(group, kind, value, help), variables: () => [] }
}

/** The options of a table under their headings, in the table's order. */
export function groupOptions(table: OptionTable): Map<string, [name: string, option: Option<unknown>][]> {
  return Map.groupBy(Object.entries(table), ([, { group }]) => group)
}

/** `maxText` → `max-text`. */
export function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `maxText` → `NATTER_MAX_TEXT`. */
export function variableOf(name: string): string {
  return `NATTER_${flagOf(name).replaceAll('-', '_').toUpperCase()}`
}

/** The option as it is typed, with what stands for its value. */
export function usageOf(name: string, { kind }: Option<unknown>): string {
  return kind.placeholder === undefined ? `--${flagOf(name)}` : `--${flagOf(name)} ${kind.placeholder}`
}
