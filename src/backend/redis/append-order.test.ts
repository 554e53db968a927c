import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppendOrder } from './append-order.ts'
import type { AppendMark } from './append-order.ts'

/** A server of one lane, which answers when it is told to. */
class Server {
  /** Keys of what it has carried out. */
  readonly log: string[] = []
  readonly #order = new AppendOrder()
  readonly #line: (() => void)[] = []
  readonly #stored = new Map<string, string>()
  #tags = 0
  /** What becomes of a key, other than being carried out. */
  readonly #fates = new Map<string, 'forgotten' | 'conflict' | Error>()

  /** For the next time only. */
  fate(key: string, fate: 'forgotten' | 'conflict' | Error): void {
    this.#fates.set(key, fate)
  }

  append(key: string, isStored = true): Promise<readonly string[]> {
    const mark = { key, tag: `tag ${++this.#tags}` }
    return this.#order.append('ada', isStored ? mark : undefined, (previous) => this.#receive(mark, previous))
  }

  /** Resolves once all is answered. */
  idle(): Promise<void> {
    return this.#order.idle()
  }

  /** Carries out the oldest that has arrived, and lets its answer through. */
  async next(): Promise<void> {
    this.#line.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }

  async rest(): Promise<void> {
    while (this.#line.length > 0) await this.next()
  }

  #receive(mark: AppendMark, previous: AppendMark | undefined): Promise<readonly string[]> {
    const { key } = mark
    return new Promise((resolve, reject) => {
      this.#line.push(() => {
        const fate = this.#fates.get(key)
        this.#fates.delete(key)
        // As a call is, that is refused for want of its script and sent again at once.
        if (fate === 'forgotten') return void this.#line.push(() => resolve(this.#store(mark)))
        if (fate instanceof Error) return reject(fate)
        if (this.#stored.has(key)) return resolve(['sent'])
        if (previous && this.#stored.get(previous.key) !== previous.tag) return resolve(['early'])
        resolve(fate ? [fate] : this.#store(mark))
      })
    })
  }

  #store({ key, tag }: AppendMark): readonly string[] {
    this.log.push(key)
    this.#stored.set(key, tag)
    return ['appended']
  }
}

test('what follows a forgotten append is put off until that is answered, and what comes meanwhile goes behind it', async () => {
  const server = new Server()
  server.fate('2', 'forgotten')
  const answers = ['1', '2', '3', '4'].map((key) => server.append(key))
  // Up to the refusal of 3, while 4 is still under way.
  for (let step = 0; step < 3; step++) await server.next()
  answers.push(server.append('5'))
  await server.rest()
  await Promise.all(answers)
  assert.deepEqual(server.log, ['1', '2', '3', '4', '5'])
})

test('an append that was in the log already does not hide that one before it was forgotten', async () => {
  const server = new Server()
  const first = server.append('1')
  await server.rest()
  server.fate('2', 'forgotten')
  const answers = [first, ...['2', '1', '3'].map((key) => server.append(key))]
  await server.rest()
  assert.deepEqual((await Promise.all(answers)).flat(), ['appended', 'appended', 'sent', 'appended'])
  assert.deepEqual(server.log, ['1', '2', '3'])
})

test('an append that changed nothing holds up nobody', async () => {
  const server = new Server()
  server.fate('1', 'conflict')
  const answers = [server.append('1'), server.append('asked', false), server.append('2'), server.append('3')]
  await server.rest()
  assert.deepEqual(
    (await Promise.all(answers)).map(([status]) => status),
    ['conflict', 'appended', 'appended', 'appended'],
  )
  assert.deepEqual(server.log, ['asked', '2', '3'])
})

test('what is behind an append that is refused is refused as well, and what comes later is not', async () => {
  const server = new Server()
  const full = new Error('OOM')
  server.fate('1', full)
  const answers = ['1', '2', '3'].map((key) => assert.rejects(server.append(key), full))
  await server.rest()
  await Promise.all(answers)
  const later = server.append('4')
  await server.rest()
  await later
  assert.deepEqual(server.log, ['4'])
})

test('an append that was in the log already does not hide that one before it was refused', async () => {
  const server = new Server()
  const first = server.append('1')
  await server.rest()
  await first
  const full = new Error('OOM')
  server.fate('2', full)
  const refused = ['2', '3'].map((key) => assert.rejects(server.append(key), full))
  const repeated = server.append('1')
  await server.rest()
  await Promise.all(refused)
  assert.deepEqual(await repeated, ['sent'])
  assert.deepEqual(server.log, ['1'])
})

test('it is idle once the last that was put off has its answer too', async () => {
  const server = new Server()
  server.fate('1', 'forgotten')
  const events: string[] = []
  const answers = ['1', '2'].map((key) => server.append(key).then(() => events.push(key)))
  const idle = server.idle().then(() => events.push('idle'))
  await server.rest()
  await Promise.all([...answers, idle])
  assert.deepEqual(events, ['1', '2', 'idle'])
  await server.idle()
})
