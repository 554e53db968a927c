/**
 * Makes attempts one after the other, the next one when the one before has failed or has taken `patienceMs`, until one succeeds.
 * Those under way go on, and nobody hears of them. Where all fail, it rejects as the first of the items did.
 */
export function raceInTurn<Item, Result>(
  items: readonly Item[],
  attempt: (item: Item) => Promise<Result>,
  patienceMs: number,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>()
  const failures = new Map<number, unknown>()
  const waiting = [...items.entries()]
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  function startNext(): void {
    clearTimeout(timer)
    const next = waiting.shift()
    if (!next || isOver) return
    const [index, item] = next
    if (waiting.length > 0) timer = setTimeout(startNext, patienceMs)
    attempt(item).then(succeed, (error: unknown) => fail(index, error))
  }

  function succeed(result: Result): void {
    isOver = true
    clearTimeout(timer)
    resolve(result)
  }

  function fail(index: number, error: unknown): void {
    failures.set(index, error)
    if (failures.size === items.length) reject(failures.get(0))
    else startNext()
  }

  startNext()
  return promise
}
