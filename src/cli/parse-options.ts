import { parseArgs } from 'node:util'
import { list } from './option-kinds.ts'
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from './options.ts'
import type { OptionName, OptionValues } from './options.ts'

/** A mistake in what was typed or set. `message` is one line: what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export type Command =
  { readonly name: 'serve'; readonly options: OptionValues } | { readonly name: 'help' } | { readonly name: 'version' }

export type Environment = Readonly<Record<string, string | undefined>>

/** What was given for an option, and where, for the message if it is wrong. */
interface Given {
  readonly source: string
  readonly text: string
}

/** How parseArgs sees the table: it only has to know which options take the argument after them. */
const PARSE_OPTIONS = {
  ...Object.fromEntries(
    OPTION_NAMES.map((name) => [flagOf(name), { type: takesValue(name) ? 'string' : 'boolean' } as const]),
  ),
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/**
 * Understands a command line and an environment.
 *
 * @throws {UsageError}
 */
export function parseCommandLine(args: readonly string[], environment: Environment): Command {
  const { tokens } = parseArgs({ args: [...args], options: PARSE_OPTIONS, strict: false, tokens: true })
  const given = new Map<OptionName, Given>()
  for (const token of tokens) {
    if (token.kind === 'positional' && !(token.index === 0 && token.value === 'serve')) {
      throw new UsageError(`${token.value}: there is no such command; natter --help shows what there is`)
    }
    if (token.kind !== 'option') continue
    if (token.name === 'help') return { name: 'help' }
    if (token.name === 'version') return { name: 'version' }
    const [name, text] = readToken(token)
    const before = given.get(name)?.text
    // A list may be given in pieces; of anything else the last one counts.
    const isMore = before !== undefined && OPTIONS[name].kind === list
    given.set(name, { source: `--${flagOf(name)}`, text: isMore ? `${before},${text}` : text })
  }
  return { name: 'serve', options: readValues((name) => given.get(name) ?? findInEnvironment(name, environment)) }
}

/** Variables that look like options and are none: a typing error, most likely. */
export function findUnknownVariables(environment: Environment): string[] {
  const known = new Set(OPTION_NAMES.map(variableOf))
  return Object.keys(environment).filter((variable) => variable.startsWith('NATTER_') && !known.has(variable))
}

function readToken(token: {
  name: string
  rawName: string
  value: string | undefined
  inlineValue: boolean | undefined
}): [OptionName, string] {
  const name = OPTION_NAMES.find((candidate) => flagOf(candidate) === token.name)
  const negated = OPTION_NAMES.find((candidate) => `no-${flagOf(candidate)}` === token.name)
  if (negated !== undefined && !takesValue(negated) && token.value === undefined) return [negated, 'off']
  if (name === undefined) throw new UsageError(`${token.rawName}: there is no such option${hintFor(token.name)}`)
  if (!takesValue(name)) return [name, token.value ?? 'on']
  // What looks like the next option is not taken for a value, unless it is written with a "=".
  if (token.value === undefined || (token.inlineValue === false && token.value.startsWith('-'))) {
    throw new UsageError(`${token.rawName}: needs a value, ${OPTIONS[name].kind.placeholder}`)
  }
  return [name, token.value]
}

function hintFor(name: string): string {
  const wanted = name.replace(/^no-/, '')
  const similar = OPTION_NAMES.map(flagOf).find(
    (flag) => flag.startsWith(wanted) || wanted.startsWith(flag) || isOneEdit(flag, wanted),
  )
  return similar === undefined ? '; natter --help shows what there is' : `; did you mean --${similar}?`
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

function findInEnvironment(name: OptionName, environment: Environment): Given | undefined {
  const { platformVariable } = OPTIONS[name]
  const variables = [variableOf(name), ...(platformVariable === undefined ? [] : [platformVariable])]
  // Platforms let a variable be emptied, but not always removed.
  const variable = variables.find((candidate) => (environment[candidate] ?? '') !== '')
  return variable === undefined ? undefined : { source: variable, text: environment[variable] ?? '' }
}

function readValues(find: (name: OptionName) => Given | undefined): OptionValues {
  const entries = OPTION_NAMES.map((name) => {
    const given = find(name)
    return [name, given === undefined ? OPTIONS[name].default : readValue(name, given)]
  })
  return Object.fromEntries(entries) as OptionValues
}

function readValue(name: OptionName, { source, text }: Given): unknown {
  try {
    return OPTIONS[name].kind.parse(text)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${source}: ${problem}, not ${JSON.stringify(text)}`, { cause: error })
  }
}

function takesValue(name: OptionName): boolean {
  return OPTIONS[name].kind.placeholder !== undefined
}
