import type { BenchClient } from './client.ts'
import { withSlowServer } from './distance-http.ts'
import type { Options } from './options.ts'
import { type Claim, type Finding, number, spread } from './report.ts'
import { summarize } from './stats.ts'

/**
 * What lanes are good for: a run that waits, for its database or for others, waits in several places at once. One lane
 * and eight in turn, in one run of the bench.
 */
const JOB = 'process-orders-iteration'
const LANES = 8

/** `everyItems`: null for the engine's own pace. `perLane`: items of a lane, so that no cell takes long. */
const CELLS = [
  { roundTripMs: 0, everyItems: null, perLane: 20_000, aim: 0.9 },
  { roundTripMs: 30, everyItems: 1, perLane: 150, aim: 4 },
  { roundTripMs: 30, everyItems: 100, perLane: 10_000, aim: 4 },
  { roundTripMs: 60, everyItems: 1, perLane: 80, aim: 4 },
  { roundTripMs: 60, everyItems: 100, perLane: 6_000, aim: 4 },
] as const
type Cell = (typeof CELLS)[number]

/** Items of 100 ms over HTTP, of one lane one by one, and of eight lanes six at once in each. */
const HTTP = { alone: 40, together: 960, aim: 30 }

type Found = Record<'one' | 'many', number>

export async function lanes(client: BenchClient, options: Options): Promise<Finding> {
  const scale = options.quick ? 0.25 : 1
  await client.seed(Math.max(...CELLS.map(({ perLane }) => perLane)) * LANES)
  const cells = CELLS.map((cell) => ({ cell, found: [] as Found[] }))
  const http: Found[] = []
  // Round 0 warms everything up.
  for (let round = 0; round <= options.rounds; round++) {
    for (const { cell, found } of cells) {
      options.progress(`lanes: round ${round} of ${options.rounds}, ${nameOf(cell)}`)
      await client.simulate({ d1: cell.roundTripMs, frozen: true })
      const items = Math.round(cell.perLane * scale) * LANES
      const one = await speed(client, cell, 1, Math.round(items / (cell.aim > 1 ? 4 : 1)))
      const many = await speed(client, cell, LANES, items)
      if (round > 0) found.push({ one, many })
    }
    options.progress(`lanes: round ${round} of ${options.rounds}, HTTP`)
    await client.simulate({})
    const measured = await httpSpeeds(client, scale)
    if (round > 0) http.push(measured)
  }
  return finding(cells, http)
}

/** Items per second from the first slice to the end. */
async function speed(
  client: BenchClient,
  cell: Cell,
  count: number,
  upTo: number,
): Promise<number> {
  await client.reset(upTo)
  const { everyItems } = cell
  const commit = everyItems === null ? {} : { commit: { everyItems, everyMs: 1e9 } }
  const { id } = await client.api.start(JOB, { params: { upTo }, lanes: count, ...commit })
  return itemsPerSecond(client, id, upTo)
}

async function itemsPerSecond(client: BenchClient, id: string, items: number): Promise<number> {
  const { startedAt = '', finishedAt = '', progress } = await client.completed(id)
  if (progress.done !== items) throw new Error(`run ${id} handled ${progress.done} of ${items}`)
  return (items / (Date.parse(finishedAt) - Date.parse(startedAt))) * 1_000
}

function httpSpeeds(client: BenchClient, scale: number): Promise<Found> {
  return withSlowServer(async (url) => {
    const of = async (concurrency: number, count: number, all: number): Promise<number> => {
      const items = Math.round(all * scale)
      const { id } = await client.api.start(`bench-http-${concurrency}`, {
        params: { items, url },
        lanes: count,
      })
      return itemsPerSecond(client, id, items)
    }
    return { one: await of(1, 1, HTTP.alone), many: await of(6, LANES, HTTP.together) }
  })
}

function nameOf({ roundTripMs, everyItems }: Cell): string {
  return `${roundTripMs} ms, ${everyItems === null ? 'as it comes' : `${everyItems} per commit`}`
}

function finding(cells: readonly { cell: Cell; found: Found[] }[], http: Found[]): Finding {
  const all = [
    ...cells.map(({ cell, found }) => ({ name: nameOf(cell), aim: cell.aim, found })),
    { name: 'HTTP items of 100 ms, six at once in each lane', aim: HTTP.aim, found: http },
  ]
  const ratios = (found: Found[]) => summarize(found.map(({ one, many }) => many / one))
  return {
    title: `Lanes: one, and ${LANES}`,
    notes: [
      `${JOB}, one D1 so far away, a clock that stands still between I/O; median, least and most of ${http.length} rounds.`,
    ],
    tables: [
      {
        head: ['way to D1, and commits', 'items/s in one lane', `in ${LANES}`, 'times'],
        rows: all.map(({ name, found }) => [
          name,
          number(summarize(found.map(({ one }) => one)).median),
          number(summarize(found.map(({ many }) => many)).median),
          spread(ratios(found), 2),
        ]),
      },
    ],
    claims: all.map(({ name, aim, found }): Claim => {
      const { median } = ratios(found)
      return {
        claim: name,
        aim: `≥ ${aim} times one lane`,
        measured: median.toFixed(2),
        met: median >= aim,
      }
    }),
    data: all,
  }
}
