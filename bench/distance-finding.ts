import {
  type Away,
  BARE_SIZE,
  type Contestant,
  type Measurement,
  SIZES,
} from './distance-contestants.ts'
import { type HttpMeasurement, httpClaims, httpTable } from './distance-http.ts'
import { type Claim, type Finding, number, spread, type Table } from './report.ts'
import { type Summary, summarize } from './stats.ts'

/** Of the best fixed size. */
const AIM = 0.9

/** What was measured at one distance. */
interface Place {
  away: Away
  roundTripMs: number
  median: (contestant: Contestant, what: (m: Measurement) => number) => number
  /** The default against the best of these, within each round. */
  against: (others: readonly Contestant[]) => Summary
}

export function distanceFinding(
  roundTrips: readonly number[],
  measurements: readonly Measurement[],
  http: readonly HttpMeasurement[],
): Finding {
  const places = (away: Away) =>
    roundTrips.filter((ms) => away === 'd1' || ms > 0).map((ms) => placeOf(measurements, away, ms))
  const [d1, object] = [places('d1'), places('object')]
  return {
    title: 'Distance: what round trips do to speed',
    notes: [
      'process-orders-iteration, orders/s from claim to end, median of the rounds; ratios within a round: median [min max].',
      'Each call to D1 (or, below, to the object of the run) takes the simulated round trip; the clock stands still between I/O.',
      `What is slow handles fewer orders. bare and workflow: ${BARE_SIZE} orders per batch, or step; the calls between a Workflow and its own engine are not delayed.`,
    ],
    tables: [
      {
        head: ['to D1', ...HEAD, 'bare', 'workflow', ...RATIOS, 'default / bare'],
        rows: d1.map((place) => [
          ...rowOf(place),
          number(place.median('bare', rate)),
          number(place.median('workflow', rate)),
          spread(place.against(SIZES), 2),
          spread(place.against(['bare']), 2),
        ]),
      },
      ...(object.length > 0 ? [objectTable(object)] : []),
      httpTable(http),
    ],
    claims: [...[...d1, ...object].map(claimOf), ...httpClaims(http)],
    data: { orders: measurements, http },
  }
}

const HEAD = ['default', 'commits', 'slices', ...SIZES.map((size) => `${size}`)]
const RATIOS = ['default / best fixed']

const rate = ({ orders, workMs }: Measurement): number => (orders / workMs) * 1_000

function objectTable(places: readonly Place[]): Table {
  return {
    head: ['to the object', ...HEAD, ...RATIOS],
    rows: places.map((place) => [...rowOf(place), spread(place.against(SIZES), 2)]),
  }
}

function rowOf({ roundTripMs, median }: Place): string[] {
  return [
    `${roundTripMs} ms`,
    number(median('default', rate)),
    number(median('default', ({ commits }) => commits)),
    number(median('default', ({ slices }) => slices)),
    ...SIZES.map((size) => number(median(size, rate))),
  ]
}

function claimOf({ away, roundTripMs, against }: Place): Claim {
  const best = against(SIZES)
  return {
    claim: `the default, ${roundTripMs} ms from ${away === 'd1' ? 'D1' : 'the object'}, against the best fixed size`,
    aim: `>= ${AIM.toFixed(2)} times`,
    measured: spread(best, 2),
    met: best.median >= AIM,
  }
}

function placeOf(all: readonly Measurement[], away: Away, roundTripMs: number): Place {
  const here = all.filter((m) => m.away === away && m.roundTripMs === roundTripMs)
  const of = (contestant: Contestant) => here.filter((m) => m.contestant === contestant)
  return {
    away,
    roundTripMs,
    median: (contestant, what) => summarize(of(contestant).map(what)).median,
    against: (others) =>
      summarize(
        of('default').map(
          (ours, round) =>
            rate(ours) /
            Math.max(...others.map((other) => of(other).map(rate)[round] ?? Number.NaN)),
        ),
      ),
  }
}
