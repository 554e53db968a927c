import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface ServerProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly socketUrl: string
  /** Every line of standard output so far. */
  readonly lines: readonly string[]
  /** The first line that `matches`, when it comes. Rejects where the process ends without one. */
  line(matches: (line: string) => boolean): Promise<string>
  readonly exited: Promise<Finished>
}

export interface ProcessOptions {
  readonly args?: readonly string[]
  /** Added to an environment without any variable that Natter reads. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Runs `natter` until it ends by itself. */
export async function runNatter(t: TestContext, options: ProcessOptions): Promise<Finished> {
  return new RunningNatter(t, options).exited
}

/** Runs `natter serve` on a free port of the loopback interface until the test ends, or kills it. Resolves when it is ready. */
export async function startServerProcess(t: TestContext, options: ProcessOptions = {}): Promise<ServerProcess> {
  const args = ['serve', '--host', 'localhost', '--port', '0', ...(options.args ?? [])]
  const process = new RunningNatter(t, { ...options, args })
  const ready = await process.line((line) => line.includes('http://localhost:'))
  const [url = ''] = /http:\/\/localhost:\d+/.exec(ready) ?? []
  return Object.assign(process, { url, socketUrl: `${url.replace('http', 'ws')}/` })
}

class RunningNatter {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly exited: Promise<Finished>
  #stderr = ''
  #wake: (() => void) | undefined
  #hasExited = false

  constructor(t: TestContext, { args = [], env = {}, cwd }: ProcessOptions) {
    this.child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...cleanEnvironment(), ...env } })
    this.exited = this.#exited()
    t.after(async () => {
      this.child.kill('SIGKILL')
      await this.exited
    })
  }

  async line(matches: (line: string) => boolean): Promise<string> {
    for (let index = 0; ; index++) {
      while (index >= this.lines.length) await this.#more()
      const line = this.lines[index] ?? ''
      if (matches(line)) return line
    }
  }

  async #exited(): Promise<Finished> {
    const { stdout, stderr } = this.child
    if (!stdout || !stderr) throw new Error('a child process that was spawned without pipes')
    createInterface(stdout).on('line', (line) => {
      this.lines.push(line)
      this.#wake?.()
    })
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    const [code, signal] = (await once(this.child, 'close')) as [number | null, NodeJS.Signals | null]
    this.#hasExited = true
    this.#wake?.()
    return { code, signal, stdout: this.lines.join('\n'), stderr: this.#stderr }
  }

  #more(): Promise<void> {
    if (this.#hasExited) throw new Error(`natter ended, and the line that was waited for had not come\n${this.#stderr}`)
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isReadByNatter(name)))
}

function isReadByNatter(variable: string): boolean {
  return variable.startsWith('NATTER_') || variable === 'PORT' || variable === 'DYNO'
}
