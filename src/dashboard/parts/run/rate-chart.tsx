import { useRef, useState } from 'hono/jsx/dom'
import uPlot from 'uplot'
import { isoTime } from '../../../engine/iso-time.ts'
import type { StretchList } from '../../state/api.ts'
import { useBeginning } from '../../state/effect.ts'
import { onNewColours } from '../../state/theme.ts'
import { useZone } from '../../state/zone.ts'
import { clock, type Zone } from '../../words/times.ts'
import { count, rateWords } from '../../words/words.ts'
import { clocks, type RatePoint, rateSeries, timeAt } from '../../figures/rate-series.ts'

const HEIGHT = 170

/** The speed of a run over its whole course, waits left out; what is pointed at is said below. */
export function RateChart({ of }: { of: StretchList }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const points = useRef<RatePoint[]>([])
  const [pointed, point] = useState<number | undefined>(undefined)
  points.current = rateSeries(of)
  const zone = useZone()
  const known = points.current.length > 1
  useBeginning(() => {
    const element = place.current
    if (!element || !known) return undefined
    const draw = () => {
      plot.current?.destroy()
      const options = optionsFor(element, zone, () => points.current ?? [], point)
      plot.current = new uPlot(options, dataOf(points.current), element)
    }
    // Told at once when the element comes to have a width, and whenever that changes.
    const observer = new ResizeObserver(() => {
      if (plot.current) plot.current.setSize({ width: element.clientWidth, height: HEIGHT })
      else draw()
    })
    observer.observe(element)
    const forget = onNewColours(draw)
    return () => {
      observer.disconnect()
      forget()
      plot.current?.destroy()
      plot.current = null
    }
  }, [known, zone])
  useBeginning(() => plot.current?.setData(dataOf(points.current)), [of])
  const shown = pointed === undefined ? undefined : points.current[pointed]
  return (
    <>
      {known ? null : (
        <p class="quiet">Commits at two different times are the least to draw a line.</p>
      )}
      <div class="chart" ref={place} role="img" aria-label={describe(points.current)} />
      {known ? <p class="small quiet readout">{shown ? wordsOf(shown, zone) : ' '}</p> : null}
    </>
  )
}

/** `20:33:52.5: 34/s, 68 items in 4 commits`. */
function wordsOf({ at, rate, items, commits }: RatePoint, zone: Zone): string {
  const time = clock(isoTime(Math.round(at)), zone).slice(0, -2)
  if (rate === null) return `${time}: a wait`
  return `${time}: ${rateWords(rate)}, ${count(items)} items in ${count(commits)} commits`
}

function dataOf(points: readonly RatePoint[] | null): [number[], (number | null)[]] {
  const known = points ?? []
  return [known.map(({ x }) => x), known.map(({ rate }) => rate)]
}

function describe(points: readonly RatePoint[]): string {
  const most = Math.max(0, ...points.map(({ rate }) => rate ?? 0))
  return `Items over time, at most ${rateWords(most)}`
}

function optionsFor(
  element: HTMLElement,
  zone: Zone,
  points: () => readonly RatePoint[],
  point: (index: number | undefined) => void,
): uPlot.Options {
  // The style sheet's own colours: what a canvas draws cannot name them.
  const { color, textDecorationColor: line } = getComputedStyle(element)
  const grid = { stroke: `color-mix(in srgb, ${color} 14%, transparent)`, width: 1 }
  const font = `11px ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: color, grid, ticks: { show: false }, font }
  const labels = (places: readonly number[]) =>
    clocks(
      places.map((x) => timeAt(points(), x) / 1_000),
      zone,
    )
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    hooks: { setCursor: [({ cursor: { idx } }) => point(idx ?? undefined)] },
    scales: {
      x: { time: false },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, size: 26, space: 80, values: (_plot, places) => labels(places) },
      { ...axis, size: 56, values: (_plot, rates) => rates.map(rateWords) },
    ],
    series: [
      {},
      {
        stroke: line,
        width: 1.5,
        fill: `color-mix(in srgb, ${line} 14%, transparent)`,
        points: { show: false },
      },
    ],
  }
}
