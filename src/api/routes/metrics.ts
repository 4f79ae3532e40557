import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute, z } from '@hono/zod-openapi'
import {
  bucketsOf,
  COMMIT_MS,
  countRuns,
  cumulative,
  QUEUE_LAG_MS,
  readMetrics,
  type Bounds,
  type CounterName,
  type Figure,
} from '../../monitoring/index.ts'
import { readSchedules, type ScheduleState } from '../../schedules/index.ts'
import { familyText, histogramText, PROMETHEUS_TYPE, type Labels } from '../prometheus.ts'
import { router } from '../router.ts'
import { problems } from '../schemas/runs.ts'

/** Counters as Prometheus sees them: our name, theirs, what they are split by, what they say. */
const COUNTERS: readonly [CounterName, name: string, split: string | null, help: string][] = [
  ['items', 'items', null, 'Items committed.'],
  ['commits', 'commits', null, 'Commits written, each one transaction of effects and checkpoint.'],
  ['skips', 'skips', null, 'Items recorded as failed and passed over.'],
  ['retries', 'retries', null, 'Errors after which the run tries again.'],
  ['resumptions', 'resumptions', null, 'Slices that went on from the checkpoint of earlier ones.'],
  ['interruptions', 'interruptions', 'reason', 'Planned ends of slices before the run was done.'],
  ['slices', 'slices', 'outcome', 'Slices that gave their run back, by how they ended.'],
  ['ended', 'runs_ended', 'status', 'Runs that a slice brought to their end.'],
  ['d1_statements', 'd1_statements', null, 'D1 statements of slices.'],
  ['d1_rows_read', 'd1_rows_read', null, 'Rows that D1 read for slices.'],
  ['d1_rows_written', 'd1_rows_written', null, 'Rows that D1 wrote for slices.'],
]

const metrics = createRoute({
  method: 'get',
  path: '/',
  summary: 'Metrics in the text format of Prometheus',
  responses: {
    200: {
      description: 'Text format 0.0.4; all names begin with dogear_',
      content: { [PROMETHEUS_TYPE]: { schema: z.string() } },
    },
    ...problems,
  },
})

export function metricRoutes() {
  const app = router()
  app.openapi(metrics, async (c) => {
    const { db } = bindingsOf(c.env)
    const [runs, figures, schedules] = await Promise.all([
      countRuns(db),
      readMetrics(db),
      readSchedules(db),
    ])
    const text = [
      familyText({
        name: 'dogear_runs',
        help: 'Runs there are.',
        type: 'gauge',
        samples: runs.map(({ job, status, runs: value }) => ({ labels: { job, status }, value })),
      }),
      ...COUNTERS.map((counter) => counterText(figures, counter)),
      durationText(figures, 'commit_ms', COMMIT_MS, 'commit_duration', 'Time a commit took.'),
      durationText(
        figures,
        'queue_lag_ms',
        QUEUE_LAG_MS,
        'queue_lag',
        "From the sending of a run's message to the claim of its slice.",
      ),
      ...schedulesText([...schedules.values()]),
    ].join('')
    return c.text(text, 200, { 'content-type': PROMETHEUS_TYPE })
  })
  return app
}

function counterText(
  figures: readonly Figure[],
  [counter, name, split, help]: (typeof COUNTERS)[number],
): string {
  const samples = figures
    .filter((figure) => figure.name === counter)
    .map(({ job, label, value }) => {
      const labels: Labels = split === null ? { job } : { job, [split]: label }
      return { labels, value }
    })
  return familyText({ name: `dogear_${name}_total`, help, type: 'counter', samples })
}

/** Prometheus wants seconds. */
function durationText(
  figures: readonly Figure[],
  counter: 'commit_ms' | 'queue_lag_ms',
  bounds: Bounds,
  name: string,
  help: string,
): string {
  const sums = figures.filter((figure) => figure.name === `${counter}_sum`)
  const jobs = new Set(figures.filter((figure) => figure.name === counter).map(({ job }) => job))
  return histogramText({
    name: `dogear_${name}_seconds`,
    help,
    bounds: bounds.map((ms) => ms / 1_000),
    series: [...jobs].map((job) => ({
      labels: { job },
      counts: cumulative(bounds, bucketsOf(figures, counter, job)),
      sum: (sums.find((figure) => figure.job === job)?.value ?? 0) / 1_000,
    })),
  })
}

function schedulesText(schedules: readonly ScheduleState[]): string[] {
  const counted = (name: string, help: string, of: 'started' | 'skipped'): string =>
    familyText({
      name: `dogear_schedule_${name}_total`,
      help,
      type: 'counter',
      samples: schedules.map((state) => ({
        labels: { schedule: state.name },
        value: state[of],
      })),
    })
  return [
    counted('runs_started', 'Runs that schedules have started.', 'started'),
    counted('ticks_skipped', 'Ticks left out because an earlier run was active.', 'skipped'),
  ]
}
