import axe from 'axe-core'
import type { AxeResults, RunOptions } from 'axe-core'
import type { ChatPage } from './chat-page.ts'

/** What axe has against the page as it stands, each with the markup it is about. */
export async function findProblems({ page }: ChatPage): Promise<string[]> {
  const isLoaded = await page.evaluate(() => 'axe' in globalThis)
  if (!isLoaded) await page.evaluate(axe.source)
  await page.evaluate(settleAnimations)
  const { violations } = await page.evaluate(async () => {
    const { axe: engine } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }
    return engine.run({ resultTypes: ['violations'] })
  })
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** What is half faded in has too little contrast, but only for as long as nobody reads it. */
async function settleAnimations(): Promise<void> {
  const chats = Array.from(document.querySelectorAll('natter-chat'), ({ shadowRoot }) => shadowRoot)
  const animations = [document, ...chats].flatMap((root) => root?.getAnimations() ?? [])
  const ending = animations.filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
  await Promise.allSettled(ending.map(({ finished }) => finished))
}
