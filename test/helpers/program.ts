import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that runs beside the test, and is killed after it. */
export interface Program {
  readonly child: ChildProcess
  /** Every line of standard output so far. */
  readonly lines: readonly string[]
  /** The first line that `matches`, when it comes. Rejects where the process ends without one. */
  line(matches: (line: string) => boolean): Promise<string>
  readonly exited: Promise<Finished>
}

export interface ProgramOptions {
  readonly cwd?: string | undefined
  /** All of the environment it gets. Defaults to that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Whether what it starts is killed with it, as for a shell, npm or npx. They do not pass a signal on to everything. */
  readonly withChildren?: boolean | undefined
}

/** Runs `file` with `args` until it ends by itself, or the test does. */
export function startProgram(
  t: TestContext,
  file: string,
  args: readonly string[],
  { cwd, env = process.env, withChildren = false }: ProgramOptions = {},
): Program {
  const program = new RunningProgram(spawn(file, args, { cwd, env, detached: withChildren }))
  t.after(async () => {
    if (withChildren) killGroup(program.child)
    else program.child.kill('SIGKILL')
    await program.exited
  })
  return program
}

/** Kills all that is in the process group that a detached child leads. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nobody is left in it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

class RunningProgram implements Program {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly exited: Promise<Finished>
  #stderr = ''
  #wake: (() => void) | undefined
  #hasExited = false

  constructor(child: ChildProcess) {
    this.child = child
    this.exited = this.#exited()
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
    if (this.#hasExited) {
      throw new Error(`the program ended, and the line that was waited for had not come\n${this.#stderr}`)
    }
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
