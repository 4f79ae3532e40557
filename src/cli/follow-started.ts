import type { Run } from '../client/index.ts'
import { visible } from '../engine/plain-text.ts'
import type { Context } from './context.ts'
import { follow } from './follow.ts'
import { complain, say } from './output.ts'

type Means = Pick<Context, 'client' | 'display' | 'json'>

/** Follows a run that the command has started. Its id is said at once, and Ctrl-C says that it goes on. */
export async function followStarted(
  started: Run,
  { client, display, json }: Means,
  until?: (run: Run) => boolean,
): Promise<Run> {
  const id = visible(started.id)
  if (!json) say(`Run ${id} of ${visible(started.job)} has started.`)
  const shown = display()
  const leave = () => {
    shown.close()
    const short = id.slice(0, 8)
    complain(
      `Run ${id} goes on. See it with 'dogear monitor ${short}', end it with 'dogear cancel ${short}'.`,
    )
    process.exit(130)
  }
  process.once('SIGINT', leave)
  try {
    return await follow(client, started.id, { display: shown, ...(until && { until }) })
  } finally {
    process.removeListener('SIGINT', leave)
  }
}
