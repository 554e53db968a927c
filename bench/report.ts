/** Medians, ratios and goals, as a table and as JSON. */
import type { Machine } from './machine.ts'
import type { Figures, Goal, Scenario } from './scenario.ts'

/** One server in one scenario. */
export interface Result {
  readonly contender: string
  readonly rounds: readonly Figures[]
  /** Share of the measuring time in which something else had the server's core, at worst: above a few percent, distrust the figures. */
  readonly disturbed: number
}

export interface ScenarioResult {
  readonly scenario: Scenario
  readonly results: readonly Result[]
}

export function medians(rounds: readonly Figures[]): Figures {
  const keys = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(keys.map((key) => [key, median(rounds.map((figures) => figures[key] ?? NaN))]))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2
}

/** A heading, one line per server, and one per goal. */
export function formatScenario({ scenario, results }: ScenarioResult): string {
  const header = ['', ...scenario.figures.map(({ title }) => title)]
  const rows = results.map(({ contender, rounds }) => {
    const figures = medians(rounds)
    return [contender, ...scenario.figures.map(({ key, digits }) => formatNumber(figures[key] ?? NaN, digits))]
  })
  const disturbed = results.filter(({ disturbed: share }) => share > 0.05)
  return [
    `\n${scenario.name}: ${scenario.title}`,
    ...formatTable([header, ...rows]),
    ...judge({ scenario, results }).map(formatVerdict),
    ...disturbed.map(({ contender, disturbed: share }) => {
      return `  ! something else used the server's core for ${percent(share)} of the time with ${contender}`
    }),
  ].join('\n')
}

interface Verdict {
  readonly goal: Goal
  readonly value: number
  readonly reached: boolean
}

/** The goals whose figures were measured. */
function judge({ scenario, results }: ScenarioResult): readonly Verdict[] {
  const roundsOf = (contender: string): readonly Figures[] =>
    results.find((result) => result.contender === contender)?.rounds ?? []
  const own = roundsOf('natter')
  const verdicts = scenario.goals.map((goal) => {
    const figures = goal.relativeTo === undefined ? medians(own) : ratio(own, roundsOf(goal.relativeTo.name))
    const value = figures[goal.figure] ?? NaN
    const { atLeast = -Infinity, atMost = Infinity } = goal
    return { goal, value, reached: value >= atLeast && value <= atMost }
  })
  return verdicts.filter(({ value }) => !Number.isNaN(value))
}

function formatVerdict({ goal, value, reached }: Verdict): string {
  const bound = goal.atLeast === undefined ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`
  const relation = goal.relativeTo === undefined ? '' : ` times ${goal.relativeTo.name}`
  return `  ${reached ? 'reached' : 'MISSED '} ${goal.figure}: ${formatNumber(value, 2)}${relation} (${bound})`
}

/** For machines: every round, the medians, each ratio of Natter to a peer, and the goals. */
export function toJson(machine: Machine, scenarios: readonly ScenarioResult[]): string {
  const content = {
    measuredAt: new Date().toISOString(),
    machine,
    scenarios: scenarios.map((each) => ({
      name: each.scenario.name,
      title: each.scenario.title,
      results: each.results.map((result) => ({ ...result, medians: medians(result.rounds) })),
      ratios: ratios(each.results),
      goals: judge(each).map(({ goal, value, reached }) => ({
        ...goal,
        relativeTo: goal.relativeTo?.name,
        value,
        reached,
      })),
    })),
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

function ratios(results: readonly Result[]): Readonly<Record<string, Figures>> {
  const natter = results.find(({ contender }) => contender === 'natter')
  if (natter === undefined) return {}
  const peers = results.filter((result) => result !== natter)
  return Object.fromEntries(
    peers.map(({ contender, rounds }) => [`natter / ${contender}`, ratio(natter.rounds, rounds)]),
  )
}

/** The median of what the rounds show: the servers of one round are measured within minutes, on the machine as it then was. */
function ratio(own: readonly Figures[], theirs: readonly Figures[]): Figures {
  const rounds = own.map((figures, round) => {
    const peer = theirs[round] ?? {}
    return Object.fromEntries(Object.keys(figures).map((key) => [key, (figures[key] ?? NaN) / (peer[key] ?? NaN)]))
  })
  return medians(rounds)
}

function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `  ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  ')}`)
}

/** Names to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}
