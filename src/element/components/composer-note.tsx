import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Notice } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import type { TextProblem } from '../text/limits.ts'
import { formatTime } from '../text/times.ts'

export interface ComposerNoteProps {
  readonly problem: TextProblem | undefined
}

/** What the user has to know about what they write: that it is too long, or that sending waits, why and for how long. */
export function ComposerNote({ problem }: ComposerNoteProps): JSX.Element {
  const { state, complaint } = useChat().room
  const { notice } = state.value
  return (
    <div class="composer-note">
      {problem?.kind === 'long' && <p class="problem">{problem.says}</p>}
      {complaint.value && <p class="problem">{complaint.value}</p>}
      {notice &&
        (notice.code === 'muted' ? <Muted notice={notice} /> : <Waiting code={notice.code} until={notice.until} />)}
    </div>
  )
}

const REASONS: Record<Exclude<Notice['code'], 'muted'>, string> = {
  rate_limited: 'You are sending very fast.',
  unavailable: 'The server cannot store messages right now.',
  conflict: 'Somebody else is changing this message too.',
}

/** Mutes last: until when says more than a number that runs. */
function Muted({ notice: { message, until } }: { readonly notice: Notice }): JSX.Element {
  return (
    <p>
      <bdi>{message}</bdi> You can write again at {formatTime(until)}.
    </p>
  )
}

interface WaitingProps {
  readonly code: keyof typeof REASONS
  readonly until: number
}

function Waiting({ code, until }: WaitingProps): JSX.Element {
  const seconds = useSecondsUntil(until)
  return (
    <p>
      {REASONS[code]} {seconds > 0 ? <span aria-hidden="true">Goes on in {seconds} s.</span> : 'Going on…'}
    </p>
  )
}

function useSecondsUntil(until: number): number {
  const now = useSignal(Date.now())
  useEffect(() => {
    now.value = Date.now()
    const timer = setInterval(() => (now.value = Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [until])
  return Math.max(0, Math.ceil((until - now.value) / 1_000))
}
