import type { WriteStream } from 'node:tty'
import cliProgress from 'cli-progress'
import { isEnded } from '../engine/run.ts'
import type { Run } from './api.ts'
import { barLine } from './bar.ts'

/** Shows runs as they go. A run that has ended is shown once more, as it ended. */
export interface Display {
  show(runs: readonly Run[]): void
  /** A line beside the runs. */
  note(line: string): void
  close(): void
}

export const silentDisplay: Display = { show() {}, note() {}, close() {} }

/** One live bar per run; what ended scrolls up above those that go on. */
export function terminalDisplay(stream: WriteStream): Display {
  const bars = new Map<string, cliProgress.SingleBar>()
  const ended = new Map<string, Run>()
  const multi = new cliProgress.MultiBar({
    stream,
    fps: 8,
    // Otherwise the bars are not drawn again after a note has scrolled them.
    forceRedraw: true,
    // Nothing of the terminal's state is changed, so nothing needs restoring after Ctrl-C.
    linewrap: true,
    format: (_options, _params, { run }: { run: Run }) => barLine(run, stream.columns),
  })
  function retire(): void {
    for (const [id, run] of ended) {
      const bar = bars.get(id)
      multi.log(`${barLine(run, stream.columns)}\n`)
      if (bar) multi.remove(bar)
      bars.delete(id)
    }
    ended.clear()
  }
  return {
    show(runs) {
      if (runs.some((run) => !isEnded(run.status))) retire()
      for (const run of runs) {
        const bar = bars.get(run.id) ?? multi.create(1, 0, { run })
        bars.set(run.id, bar)
        bar.update({ run })
        if (isEnded(run.status)) ended.set(run.id, run)
      }
    },
    note(line) {
      multi.log(`${line}\n`)
      multi.update()
    },
    close() {
      multi.update()
      multi.stop()
    },
  }
}

/** A plain line per change, and of mere progress not more than one in `everyMs`. */
export function lineDisplay(write: (line: string) => void, everyMs = 500): Display {
  const shown = new Map<string, { line: string; status: string; at: number }>()
  const held = new Map<string, string>()
  return {
    show(runs) {
      for (const run of runs) {
        const line = barLine(run, 200)
        const last = shown.get(run.id)
        if (last?.line === line) continue
        const now = Date.now()
        if (last?.status === run.status && now - last.at < everyMs) {
          held.set(run.id, line)
          continue
        }
        held.delete(run.id)
        shown.set(run.id, { line, status: run.status, at: now })
        write(line)
      }
    },
    note: write,
    close() {
      for (const line of held.values()) write(line)
      held.clear()
    },
  }
}
