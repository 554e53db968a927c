/** What a scenario is made of. */
import type { Contender } from './contenders.ts'
import type { Generator } from './generator.ts'
import type { ServerProcess } from './server-process.ts'

/** One figure that a scenario yields. */
export interface Figure {
  readonly key: string
  readonly title: string
  readonly digits: number
}

/** What issue and README promise: a bound on Natter's own figure, or on its ratio to another's. */
export interface Goal {
  readonly figure: string
  readonly relativeTo?: Contender
  readonly atLeast?: number
  readonly atMost?: number
}

export type Figures = Readonly<Record<string, number>>

/** A freshly started server, and what to load it with. */
export interface Bench {
  readonly contender: Contender
  readonly server: ServerProcess
  readonly generator: Generator
  /** Shorter and less exact. */
  readonly quick: boolean
  /** What the same server reached in an earlier round. */
  readonly earlier: Figures | undefined
}

interface Described {
  readonly name: string
  readonly title: string
  readonly contenders: readonly Contender[]
  readonly figures: readonly Figure[]
  readonly goals: readonly Goal[]
  /** Measured only when asked for by name. */
  readonly onlyByName?: boolean
}

/** Has the machine for each server alone: for what takes all of it. */
export interface AloneScenario extends Described {
  readonly measure: (bench: Bench) => Promise<Figures>
}

/** Has all servers up at once and asks them in turns: for what they cost at the same work, on a machine whose speed changes by the minute. */
export interface SideBySideScenario extends Described {
  /** That each server has in a round. */
  readonly turns: number
  /** Opens a server's clients and warms it up. */
  readonly prepare: (bench: Bench) => Promise<Prepared>
}

export interface Prepared extends AsyncDisposable {
  takeTurn(): Promise<void>
  /** Of all turns that were taken. */
  figures(): Figures
}

export type Scenario = AloneScenario | SideBySideScenario
