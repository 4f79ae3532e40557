import type { WriteStream } from 'node:tty'
import cliProgress from 'cli-progress'
import { isEnded } from '../../engine/run.ts'
import type { Run } from '../../client/index.ts'
import { barLine } from './bar.ts'
import { Paces } from './pace.ts'
import { paintFor } from './paint.ts'
import { guarded } from './inert.ts'

/** Shows runs as they go. A run that has ended is shown once more, as it ended. */
export interface Display {
  show(runs: readonly Run[]): void
  /** A line beside the runs. */
  note(line: string): void
  close(): void
}

export const silentDisplay: Display = { show() {}, note() {}, close() {} }

/** One live bar per run; what ended scrolls up above those that go on. */
export function terminalDisplay(stream: WriteStream, now?: () => number): Display {
  const bars = new Map<string, cliProgress.SingleBar>()
  const ended = new Map<string, string>()
  const paces = new Paces(now)
  const paint = paintFor(stream)
  const multi = new cliProgress.MultiBar({
    stream: uncut(stream),
    fps: 8,
    // Otherwise the bars are not drawn again after a note has scrolled them.
    forceRedraw: true,
    // Nothing of the terminal's state is changed, so nothing needs restoring after Ctrl-C.
    linewrap: true,
    format: (_options, _params, { line }: { line: string }) => line,
  })
  const lineOf = (run: Run) =>
    barLine(run, { columns: stream.columns, pace: paces.seen(run), paint })
  function retire(): void {
    for (const [id, line] of ended) {
      const bar = bars.get(id)
      multi.log(`${line}\n`)
      if (bar) multi.remove(bar)
      bars.delete(id)
    }
    ended.clear()
  }
  return {
    show(runs) {
      if (runs.some((run) => !isEnded(run.status))) retire()
      for (const run of runs) {
        const line = lineOf(run)
        const bar = bars.get(run.id) ?? multi.create(1, 0, { line })
        bars.set(run.id, bar)
        bar.update({ line })
        if (isEnded(run.status)) ended.set(run.id, line)
      }
    },
    note(line) {
      multi.log(`${guarded(line)}\n`)
      multi.update()
    },
    close() {
      multi.update()
      multi.stop()
    },
  }
}

/** A plain line per change, and of mere progress not more than one in `everyMs`. */
export function lineDisplay(
  write: (line: string) => void,
  everyMs = 500,
  now: () => number = Date.now,
): Display {
  const shown = new Map<string, { state: string; status: string; at: number }>()
  const held = new Map<string, string>()
  const paces = new Paces(now)
  return {
    show(runs) {
      for (const run of runs) {
        const line = barLine(run, { columns: 200, pace: paces.seen(run) })
        // Without the pace, which changes even while nothing happens.
        const state = barLine(run, { columns: 200 })
        const last = shown.get(run.id)
        if (last?.state === state) continue
        if (last?.status === run.status && now() - last.at < everyMs) {
          held.set(run.id, line)
          continue
        }
        held.delete(run.id)
        shown.set(run.id, { state, status: run.status, at: now() })
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

/** cli-progress cuts lines at the width, but counts colours as text: ours fit already. */
function uncut(stream: WriteStream): NodeJS.WritableStream {
  return {
    isTTY: true,
    columns: Number.MAX_SAFE_INTEGER,
    write: (text: string) => stream.write(text),
  } as unknown as NodeJS.WritableStream
}
