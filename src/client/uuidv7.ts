import type { Key } from '../protocol/ids.ts'
import type { ClientEnvironment } from './environment.ts'

const COUNTER_BITS = 12

/**
 * Returns a function that makes UUIDv7s (RFC 9562 §5.7), each greater than the one before it, also within a millisecond and when the
 * clock goes back: `rand_a` is a counter (§6.2, method 1). So keys sort in the order in which things were written.
 */
export function createKeyMaker({ now, randomBytes }: Pick<ClientEnvironment, 'now' | 'randomBytes'>): () => Key {
  let time = 0
  let counter = 0

  return () => {
    const random = randomBytes(10)
    const byte = (index: number): number => random[index] ?? 0
    const current = now()
    if (current > time) {
      time = current
      // The counter's top bit starts at 0, which leaves it room to count.
      counter = ((byte(0) << 8) | byte(1)) >>> (17 - COUNTER_BITS)
    } else if (++counter >> COUNTER_BITS) {
      time++
      counter = 0
    }

    const head = time.toString(16).padStart(12, '0') + (0x7000 | counter).toString(16)
    const tail = [0x80 | (byte(2) & 0x3f), ...random.subarray(3)]
      .map((value) => value.toString(16).padStart(2, '0'))
      .join('')
    return (head + tail).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as Key
  }
}
