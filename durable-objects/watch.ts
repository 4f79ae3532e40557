import type { RunView } from '../src/engine/run.ts'
import type { Past } from './past.ts'
import { sse, type Watchers } from './watchers.ts'

/** The part of an object's state that a watcher is shown. */
interface Watched {
  readonly storage: { readonly past: Past }
  readonly watchers: Watchers
}

/** Accepts who asks to watch the run; see `RunHost.fetch`. */
export function watch(request: Request, run: RunView, { storage, watchers }: Watched): Response {
  const { searchParams } = new URL(request.url)
  const after = Number(searchParams.get('after') ?? 0)
  const logs = searchParams.get('logs')
  const frames = function* () {
    yield* storage.past.events.framesSince(after)
    if (logs !== null) yield* storage.past.lines.framesSince(Number(logs))
    yield sse({ run })
  }
  const caller = searchParams.get('caller') ?? undefined
  return watchers.accept(frames(), { caller, lines: logs !== null })
}
