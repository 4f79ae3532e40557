import { isEnded } from '../../engine/run.ts'
import type { Run } from '../../client/index.ts'
import { progressText, stateText } from './bar.ts'
import { inert } from './inert.ts'
import { idText, isWide, type Look, plainLook, sinceText } from './look.ts'
import { stateColour } from './paint.ts'
import { table } from './table.ts'
import { ageText } from './text.ts'

/** Runs, one line each. A wide table has all of each text. */
export function runsText(runs: readonly Run[], look: Look = plainLook): string {
  if (runs.length === 0) return 'No runs.'
  const rows = inert(runs).map((run) => [
    idText(run.id, look),
    run.job,
    look.paint(stateColour(run), isWide(look) ? stateText(run) : shortState(run)),
    progressText(run),
    sinceText(run.createdAt, look),
    tookText(run, look.now),
    run.error === undefined ? '' : `${run.error.message} (${run.error.code ?? run.error.name})`,
  ])
  const when = isWide(look) ? 'CREATED' : 'AGE'
  return table([['RUN', 'JOB', 'STATUS', 'DONE', when, 'TOOK', 'ERROR'], ...rows], look.columns)
}

function shortState(run: Run): string {
  return run.held === true && !isEnded(run.status) ? 'held' : run.status
}

/** From its first slice to its end, or until now. */
function tookText({ startedAt, finishedAt }: Run, now: number): string {
  if (startedAt === undefined) return ''
  return ageText((finishedAt === undefined ? now : Date.parse(finishedAt)) - Date.parse(startedAt))
}
