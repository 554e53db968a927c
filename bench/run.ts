/**
 * Measures Natter beside a naive `ws` server and Socket.IO, on one core, with the load on the other, on the same work in the same run.
 *
 *   npm run bench                            everything, medians of three rounds, about 25 minutes
 *   npm run bench -- --quick                 one short round
 *   npm run bench -- --only max-1000,steady  these scenarios (see scenarios.ts)
 *   npm run bench -- --servers natter        these servers
 *   npm run bench -- --rounds 5
 *
 * A full run writes its results to bench/results.json; any other run only where `--output <file>` says.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Contender } from './contenders.ts'
import { compileGenerator, type Generator } from './generator.ts'
import { describeMachine, requireMachine, serverCoreBusySeconds } from './machine.ts'
import { formatScenario, toJson, type Result, type ScenarioResult } from './report.ts'
import type { AloneScenario, Figures, Prepared, Scenario, SideBySideScenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { startServer, type ServerProcess } from './server-process.ts'

interface RunOptions {
  readonly scenarios: readonly Scenario[]
  readonly servers: readonly string[] | undefined
  readonly rounds: number
  readonly quick: boolean
  readonly output: string | undefined
}

try {
  await main()
} catch (error) {
  // What goes wrong here is the machine's or the caller's doing, and its message says so better than a stack.
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const options = parseOptions()
  requireMachine()
  await using generator = await compileGenerator()
  const measured: ScenarioResult[] = []
  for (const scenario of options.scenarios) {
    const result = { scenario, results: await measureScenario(scenario, generator, options) }
    measured.push(result)
    console.log(formatScenario(result))
  }
  if (options.output !== undefined) await writeFile(options.output, toJson(describeMachine(), measured))
}

function parseOptions(): RunOptions {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string' },
      output: { type: 'string' },
    },
  })
  const { quick, only, servers, rounds } = values
  const complete = !quick && only === undefined && servers === undefined && rounds === undefined
  return {
    scenarios:
      only === undefined
        ? SCENARIOS.filter(({ onlyByName = false }) => !onlyByName)
        : only.split(',').map(findScenario),
    servers: servers?.split(',').map(requireServer),
    rounds: parseRounds(rounds ?? (quick ? '1' : '3')),
    quick,
    output: values.output ?? (complete ? join(import.meta.dirname, 'results.json') : undefined),
  }
}

function findScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name)
  if (scenario !== undefined) return scenario
  throw new RangeError(`--only ${name}: there are ${SCENARIOS.map((each) => each.name).join(', ')}`)
}

function requireServer(name: string): string {
  const names = new Set(SCENARIOS.flatMap(({ contenders }) => contenders.map((each) => each.name)))
  if (names.has(name)) return name
  throw new RangeError(`--servers ${name}: there are ${[...names].join(', ')}`)
}

function parseRounds(text: string): number {
  const rounds = Number(text)
  if (Number.isSafeInteger(rounds) && rounds > 0) return rounds
  throw new RangeError(`--rounds ${text}: a whole number from 1`)
}

interface Measured {
  readonly contender: Contender
  readonly rounds: Figures[]
  disturbed: number
}

/** Round by round, the servers in turn, so that what changes on the machine meanwhile meets them all. */
async function measureScenario(scenario: Scenario, generator: Generator, options: RunOptions): Promise<Result[]> {
  const contenders = scenario.contenders.filter(({ name }) => options.servers?.includes(name) ?? true)
  const measured: Measured[] = contenders.map((contender) => ({ contender, rounds: [], disturbed: 0 }))
  for (let round = 0; round < options.rounds; round++) {
    process.stderr.write(`${scenario.name}: round ${round + 1} of ${options.rounds}\n`)
    // Another one is first in each round: the place in the order alone makes some percent.
    const first = round % measured.length
    const order = [...measured.slice(first), ...measured.slice(0, first)]
    if ('prepare' in scenario) await measureSideBySide(scenario, order, generator, options.quick)
    else for (const each of order) await measureAlone(scenario, each, generator, options.quick)
  }
  return measured.map((each) => ({ ...each, contender: each.contender.name }))
}

async function measureAlone(
  scenario: AloneScenario,
  measured: Measured,
  generator: Generator,
  quick: boolean,
): Promise<void> {
  const { contender, rounds } = measured
  await using server = await startServer(contender)
  const bench = { contender, server, generator, quick, earlier: rounds.at(-1) }
  rounds.push(await watched(measured, server, () => scenario.measure(bench)))
}

async function measureSideBySide(
  scenario: SideBySideScenario,
  measured: readonly Measured[],
  generator: Generator,
  quick: boolean,
): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const all: { readonly each: Measured; readonly server: ServerProcess; readonly prepared: Prepared }[] = []
  for (const each of measured) {
    const { contender, rounds } = each
    const server = stack.use(await startServer(contender))
    const bench = { contender, server, generator, quick, earlier: rounds.at(-1) }
    all.push({ each, server, prepared: stack.use(await scenario.prepare(bench)) })
  }
  for (let turn = 0; turn < (quick ? 1 : scenario.turns); turn++) {
    // There and back again: what gets slower or faster all the time then favours none.
    for (const { each, server, prepared } of turn % 2 === 0 ? all : all.toReversed())
      await watched(each, server, () => prepared.takeTurn())
  }
  for (const { each, prepared } of all) each.rounds.push(prepared.figures())
}

/** Keeps account of what else than the server had its core. */
async function watched<T>(measured: Measured, server: ServerProcess, measure: () => Promise<T>): Promise<T> {
  const others = (): number => serverCoreBusySeconds() - server.cpuSeconds()
  const before = { at: performance.now(), seconds: others() }
  const result = await measure()
  const share = ((others() - before.seconds) * 1_000) / (performance.now() - before.at)
  measured.disturbed = Math.max(measured.disturbed, share)
  return result
}
