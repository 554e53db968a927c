import type { Epoch } from '../protocol/ids.ts'
import type { BackendEnvironment } from './backend.ts'
import { RandomText } from './random-text.ts'

/** 48 bits: no two logs ever share one. */
const EPOCH_LENGTH = 8

export function drawEpoch(environment: BackendEnvironment): Epoch {
  return nextEpoch(new RandomText(environment))
}

/** For who draws many: the bytes are asked for in bulk. */
export function nextEpoch(random: RandomText): Epoch {
  return random.next(EPOCH_LENGTH) as Epoch
}
