import type { TestContext } from 'node:test'
import { temporaryFolder } from '../helpers.ts'
import { startServerProcess } from '../server-process.ts'
import type { Finished } from '../helpers/program.ts'
import type { ServerProcess } from '../server-process.ts'

/** A real server process on a database on disk that can be ended and started again, at the same address. */
export class RestartableServer {
  readonly #t: TestContext
  readonly #args: readonly string[]
  #process: ServerProcess

  private constructor(t: TestContext, args: readonly string[], process: ServerProcess) {
    this.#t = t
    this.#args = args
    this.#process = process
  }

  /** Starts it, without rate limits, with `args` besides. Killed after the test. */
  static async start(t: TestContext, args: readonly string[] = []): Promise<RestartableServer> {
    // Hooks run in the order they were added, and the folder goes after whoever writes into it.
    const servers: RestartableServer[] = []
    t.after(() => servers[0]?.kill())
    const folder = await temporaryFolder(t)
    const place = args.includes('--redis') ? [] : ['--data', folder]
    const all = [...place, '--write-rate', '0', '--command-rate', '0', '--log-level', 'warn', ...args]
    const process = await startServerProcess(t, { args: all })
    const server = new RestartableServer(t, [...all, '--port', new URL(process.url).port], process)
    servers.push(server)
    return server
  }

  get url(): string {
    return this.#process.url
  }

  get socketUrl(): string {
    return this.#process.socketUrl
  }

  /** Resolves once `/ready` answers with that status. What it answers holds for a second. */
  async untilReady(status: 200 | 503): Promise<void> {
    while ((await fetch(`${this.url}/ready`)).status !== status);
  }

  /** Ends it without a chance to do anything more. */
  async kill(): Promise<void> {
    this.#process.child.kill('SIGKILL')
    await this.#process.exited
  }

  /** Ends it as a deploy does. */
  async terminate(): Promise<Finished> {
    this.#process.child.kill('SIGTERM')
    return this.#process.exited
  }

  async startAgain(): Promise<void> {
    this.#process = await startServerProcess(this.#t, { args: this.#args })
  }
}
