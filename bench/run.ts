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
import { formatScenario, toJson, type Result, type ScenarioResult } from './report.ts'
import type { Figures, Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { startServer } from './server-process.ts'

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

/** Round by round, the servers in turn, so that what changes on the machine meanwhile meets them all. */
async function measureScenario(scenario: Scenario, generator: Generator, options: RunOptions): Promise<Result[]> {
  const contenders = scenario.contenders.filter(({ name }) => options.servers?.includes(name) ?? true)
  const measured = contenders.map((contender) => ({ contender, rounds: [] as Figures[], disturbed: 0 }))
  for (let round = 1; round <= options.rounds; round++) {
    for (const each of measured) {
      process.stderr.write(`${scenario.name}: ${each.contender.name}, round ${round} of ${options.rounds}\n`)
      const { figures, disturbed } = await measureOnce(
        scenario,
        each.contender,
        generator,
        options.quick,
        each.rounds.at(-1),
      )
      each.rounds.push(figures)
      each.disturbed = Math.max(each.disturbed, disturbed)
    }
  }
  return measured.map((each) => ({ ...each, contender: each.contender.name }))
}

async function measureOnce(
  scenario: Scenario,
  contender: Contender,
  generator: Generator,
  quick: boolean,
  earlier: Figures | undefined,
): Promise<{ figures: Figures; disturbed: number }> {
  await using server = await startServer(contender)
  const before = { at: performance.now(), busy: serverCoreBusySeconds(), own: server.cpuSeconds() }
  const figures = await scenario.measure({ contender, server, generator, quick, earlier })
  const busy = serverCoreBusySeconds() - before.busy - (server.cpuSeconds() - before.own)
  return { figures, disturbed: (busy * 1_000) / (performance.now() - before.at) }
}
