// Appends messages numbered from a first one on, ten to a turn, until it is killed or refused, and prints a line for each as it is
// answered. `sqlite-crash.test.ts` starts it.
import type { Position } from '../../src/protocol/message.ts'
import { createSqliteBackend } from '../../src/backend/sqlite.ts'
import { taken, write } from './backend-helpers.ts'
import type { Key, MessageId } from '../../src/protocol/ids.ts'

/** What is printed for an answered append. */
export interface Answer {
  readonly number: number
  readonly position: Position
}

const [file = '', first = ''] = process.argv.slice(2)
const backend = createSqliteBackend({ file })

async function append(number: number): Promise<void> {
  const one = write(String(number), { key: `key-${number}` as Key, messageId: `m-${number}` as MessageId })
  const { position } = taken(await backend.append(one))
  print({ number, position } satisfies Answer)
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

try {
  for (let number = Number(first); ; number += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, index) => append(number + index)))
  }
} catch (error) {
  process.stderr.write(String(error))
  await backend.close()
}
