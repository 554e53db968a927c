import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../helpers.ts'
import { findFreePort } from '../helpers/free-port.ts'
import { REPOSITORY } from '../helpers/package.ts'
import { startProgram } from '../helpers/program.ts'
import { startServerProcess } from '../server-process.ts'

const SECRET = 'a secret that both of them know, and nobody else'

/** The app of examples/rails with a Natter beside it, each a process and an origin of its own. */
export interface RailsApp {
  /** `http://localhost:…`, without a slash at its end. */
  readonly url: string
  readonly natter: { readonly url: string; readonly socketUrl: string }
}

/** Runs both as their READMEs say until the test ends. */
export async function startRailsApp(t: TestContext, tokenSeconds: number): Promise<RailsApp> {
  const port = String(await findFreePort())
  const url = `http://localhost:${port}`
  const natter = await startServerProcess(t, {
    args: ['--origins', url, '--data', await temporaryFolder(t)],
    env: { NATTER_TOKEN_SECRET: SECRET },
  })
  const rails = startProgram(t, 'ruby', ['bin/rails', 'server', '--port', port, '--binding', 'localhost'], {
    cwd: join(REPOSITORY, 'examples/rails'),
    env: {
      ...process.env,
      NATTER_TOKEN_SECRET: SECRET,
      NATTER_URL: natter.url,
      CHAT_TOKEN_SECONDS: String(tokenSeconds),
    },
  })
  await rails.line((line) => line.includes('Listening on'))
  return { url, natter }
}
