/** Finds the highest rate that a server holds. */
import type { Step } from './generator.ts'

/** Whether a step was good: how is up to the scenario. */
export type Passes = (step: Step) => boolean

export interface SearchOptions {
  readonly step: (rate: number, seconds: number) => Promise<Step>
  readonly passes: Passes
  /** Messages per second that any server should hold. */
  readonly startRate: number
  /** The answer of an earlier search on the same work, which saves the way there. */
  readonly expectedRate?: number | undefined
  /** Seconds of one probe. */
  readonly probeSeconds: number
}

/** Nothing lost, doubled, refused or out of order, and everybody still connected. */
export function isComplete(step: Step): boolean {
  const faults =
    step.gaps + step.repeats + step.roomsOutOfOrder + step.clientsWithWrongAcks + step.refused + step.closed
  return step.aborted === undefined && step.delivered === step.expected && faults === 0
}

const RAMP_SECONDS = 0.8
/** How far from an earlier answer the new one is looked for first. */
const EXPECTED_WITHIN = 1.25

/**
 * Doubles the rate until the server fails, which also warms it up, then halves the interval, on a logarithmic scale, with longer probes.
 * A probe that fails is tried once more: on a machine that does other things too, one hiccup is not the server's.
 *
 * Returns the best probe that passed, within some 3 % of the limit; undefined when none did.
 */
export async function findHighestStep(options: SearchOptions): Promise<Step | undefined> {
  const { expectedRate, startRate } = options
  if (expectedRate !== undefined) {
    for (const share of [0.25, 0.5, 0.75]) await tryRate(options, expectedRate * share, RAMP_SECONDS)
    const best = await bisect(options, expectedRate / EXPECTED_WITHIN, expectedRate * EXPECTED_WITHIN, 4)
    if (best !== undefined) return best
  }
  let rate = startRate
  while ((await tryRate(options, rate, RAMP_SECONDS)) !== undefined) rate *= 2
  // A short step passes a little above what a longer probe does: begin below the last one that passed.
  return bisect(options, rate / 2 / 1.5, rate, 5)
}

async function bisect(options: SearchOptions, low: number, high: number, probes: number): Promise<Step | undefined> {
  if (probes === 0) return undefined
  const rate = Math.sqrt(low * high)
  const { probeSeconds } = options
  const step = (await tryRate(options, rate, probeSeconds)) ?? (await tryRate(options, rate, probeSeconds))
  if (step === undefined) return bisect(options, low, rate, probes - 1)
  return (await bisect(options, rate, high, probes - 1)) ?? step
}

async function tryRate({ step, passes }: SearchOptions, rate: number, seconds: number): Promise<Step | undefined> {
  const result = await step(rate, seconds)
  return passes(result) ? result : undefined
}
