import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { ChatPage } from './chat-page.ts'

/** What axe has against the page as it stands, each with the markup it is about. */
export async function findProblems({ page }: ChatPage): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async () => {
    const { axe: engine } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } }
    return engine.run()
  })
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
}
