/** Platforms kill what has not ended so many seconds after they asked for it: 10 with Docker, 30 on Heroku. */
const EXIT_WITHIN_MS = 9_500

/**
 * Ends the process with exit code 0 when SIGTERM or SIGINT asks for it: after `stop`, or after 9.5 s, whatever happens.
 * Asked again meanwhile, as Heroku does, it goes on with what it is doing.
 *
 * @param stop Never rejects.
 */
export function stopOnSignal(stop: (signal: string) => Promise<void>, exitWithinMs = EXIT_WITHIN_MS): void {
  let isStopping = false
  const onSignal = (signal: string): void => {
    if (isStopping) return
    isStopping = true
    setTimeout(exit, exitWithinMs)
    void stop(signal).finally(exit)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

function exit(): void {
  process.exit(0)
}
