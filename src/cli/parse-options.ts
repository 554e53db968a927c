import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'
import { flagOf } from './option.ts'
import type { Option, OptionTable, OptionValues } from './option.ts'

/** A mistake in what was typed or set. `message` is one line: what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What was given for an option, and where, for the message if it is wrong. */
interface Given {
  readonly source: string
  readonly text: string
}

/**
 * Reads the options of a command off a command line and an environment.
 *
 * @param helpCommand What shows them.
 * @throws {UsageError}
 */
export function parseOptions<Table extends OptionTable>(
  table: Table,
  args: readonly string[],
  environment: Environment,
  helpCommand: string,
): OptionValues<Table> {
  const { tokens } = parseArgs({ args: [...args], options: parseArgsOptions(table), strict: false, tokens: true })
  const given = new Map<string, Given>()
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new UsageError(`${token.value}: this is no option; ${helpCommand} shows what there is`)
    if (token.kind !== 'option') continue
    const [name, option, text] = readToken(token, table, helpCommand)
    const before = given.get(name)?.text
    // A list may be given in pieces; of anything else the last one counts.
    const isMore = before !== undefined && option.kind.isList
    given.set(name, { source: `--${flagOf(name)}`, text: isMore ? `${before},${text}` : text })
  }
  refuseBoth(table, given)
  const entries = Object.entries(table).map(([name, option]) => {
    const found = given.get(name) ?? findUntyped(name, option, given, environment)
    return [name, found === undefined ? option.default : readValue(option, found)]
  })
  return Object.fromEntries(entries) as OptionValues<Table>
}

/** Variables that look like options and are none: a typing error, most likely. */
export function findUnknownVariables(table: OptionTable, environment: Environment): string[] {
  const known = new Set(Object.entries(table).flatMap(([name, option]) => option.variables(name)))
  return Object.keys(environment).filter((variable) => variable.startsWith('NATTER_') && !known.has(variable))
}

/** How parseArgs sees a table: it only has to know which options take the argument after them. */
function parseArgsOptions(table: OptionTable): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => [flagOf(name), { type: takesValue(option) ? 'string' : 'boolean' }]),
  )
}

function readToken(
  token: { name: string; rawName: string; value: string | undefined; inlineValue: boolean | undefined },
  table: OptionTable,
  helpCommand: string,
): [name: string, option: Option<unknown>, text: string] {
  for (const [name, option] of Object.entries(table)) {
    const flag = flagOf(name)
    if (`no-${flag}` === token.name && !takesValue(option) && token.value === undefined) return [name, option, 'off']
    if (flag !== token.name) continue
    if (!takesValue(option)) return [name, option, token.value ?? 'on']
    // What looks like the next option is not taken for a value, unless it is written with a "=".
    if (token.value === undefined || (token.inlineValue === false && token.value.startsWith('-')))
      throw new UsageError(`${token.rawName}: needs a value, ${option.kind.placeholder}`)
    return [name, option, token.value]
  }
  throw new UsageError(`${token.rawName}: there is no such option${hintFor(token.name, table, helpCommand)}`)
}

function hintFor(name: string, table: OptionTable, helpCommand: string): string {
  const wanted = name.replace(/^no-/, '')
  const similar = Object.keys(table)
    .map(flagOf)
    .find((flag) => flag.startsWith(wanted) || wanted.startsWith(flag) || isOneEdit(flag, wanted))
  return similar === undefined ? `; ${helpCommand} shows what there is` : `; did you mean --${similar}?`
}

/** Whether a typing error makes `a` of `b`: a letter more, less or other, or two that changed places. */
function isOneEdit(a: string, b: string): boolean {
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const [restOfA, restOfB] = [a.slice(start), b.slice(start)]
  return [
    restOfA.slice(1) === restOfB.slice(1),
    restOfA.slice(1) === restOfB,
    restOfA === restOfB.slice(1),
    restOfA[0] === restOfB[1] && restOfA[1] === restOfB[0] && restOfA.slice(2) === restOfB.slice(2),
  ].includes(true)
}

/** What the environment has, unless something else was typed instead. */
function findUntyped(
  name: string,
  { insteadOf, variables }: Option<unknown>,
  typed: ReadonlyMap<string, Given>,
  environment: Environment,
): Given | undefined {
  return insteadOf !== undefined && typed.has(insteadOf) ? undefined : findInEnvironment(variables(name), environment)
}

function refuseBoth(table: OptionTable, typed: ReadonlyMap<string, Given>): void {
  for (const [name, { insteadOf }] of Object.entries(table)) {
    if (insteadOf === undefined || !typed.has(name) || !typed.has(insteadOf)) continue
    throw new UsageError(`--${flagOf(insteadOf)} and --${flagOf(name)}: these are two chats; give one of them`)
  }
}

function findInEnvironment(variables: readonly string[], environment: Environment): Given | undefined {
  // Platforms let a variable be emptied, but not always removed.
  const variable = variables.find((candidate) => (environment[candidate] ?? '') !== '')
  return variable === undefined ? undefined : { source: variable, text: environment[variable] ?? '' }
}

function readValue({ kind }: Option<unknown>, { source, text }: Given): unknown {
  try {
    return kind.parse(text)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${source}: ${problem}${kind.isSecret ? '' : `, not ${JSON.stringify(text)}`}`, {
      cause: error,
    })
  }
}

function takesValue({ kind }: Option<unknown>): boolean {
  return kind.placeholder !== undefined
}
