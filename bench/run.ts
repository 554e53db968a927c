/**
 * Measures Natter beside a naive `ws` server and Socket.IO, each on one core, on the same work in the same run.
 *
 *   npm run bench                            everything, medians of three rounds, about a quarter of an hour
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
import { formatScenario, medians, toJson, type Result, type ScenarioResult } from './report.ts'
import type { Alone, Figures, Load, Scenario, SideBySide } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { startServer, type ServerProcess } from './server-process.ts'

/** Turns that each server has in one round, where all are up at once. */
const TURNS = 6

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
  for (let round = 1; round <= options.rounds; round++) {
    process.stderr.write(`${scenario.name}: round ${round} of ${options.rounds}\n`)
    // Whoever starts first costs a little more or less than who starts last.
    const order = [
      ...measured.slice((round - 1) % measured.length),
      ...measured.slice(0, (round - 1) % measured.length),
    ]
    if ('load' in scenario) await measureSideBySide(scenario, order, generator, options.quick)
    else for (const each of order) await measureAlone(scenario, each, generator, options.quick)
  }
  return measured.map((each) => ({ ...each, contender: each.contender.name }))
}

async function measureAlone(scenario: Alone, measured: Measured, generator: Generator, quick: boolean): Promise<void> {
  const { contender, rounds } = measured
  await using server = await startServer(contender)
  const watch = watchCore([server])
  rounds.push(await scenario.measure({ contender, server, generator, quick, earlier: rounds.at(-1) }))
  measured.disturbed = Math.max(measured.disturbed, watch.disturbed())
}

async function measureSideBySide(
  scenario: SideBySide,
  measured: readonly Measured[],
  generator: Generator,
  quick: boolean,
): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const servers: ServerProcess[] = []
  const loads: { readonly each: Measured; readonly load: Load; readonly turns: Figures[] }[] = []
  for (const each of measured) {
    const { contender, rounds } = each
    const server = stack.use(await startServer(contender))
    servers.push(server)
    const load = await scenario.load({ contender, server, generator, quick, earlier: rounds.at(-1) })
    loads.push({ each, load: stack.use(load), turns: [] })
  }
  for (let turn = 0; turn < (quick ? 1 : TURNS); turn++) {
    // There and back again: what gets slower or faster all the time then favours none.
    for (const { each, load, turns } of turn % 2 === 0 ? loads : loads.toReversed()) {
      const watch = watchCore(servers)
      turns.push(await load.measure())
      each.disturbed = Math.max(each.disturbed, watch.disturbed())
    }
  }
  for (const { each, turns } of loads) each.rounds.push(medians(turns))
}

/** What else than these servers has their core from now on. */
function watchCore(servers: readonly ServerProcess[]): { disturbed(): number } {
  const others = (): number => serverCoreBusySeconds() - servers.reduce((sum, server) => sum + server.cpuSeconds(), 0)
  const before = { at: performance.now(), seconds: others() }
  return { disturbed: () => ((others() - before.seconds) * 1_000) / (performance.now() - before.at) }
}
