import { useRef } from 'hono/jsx/dom'
import uPlot from 'uplot'
import type { Commit } from '../../state/api.ts'
import { useBeginning } from '../../state/effect.ts'
import { onNewColours } from '../../state/theme.ts'
import { useZone } from '../../state/zone.ts'
import type { Zone } from '../../words/times.ts'
import { clocks, rateSeries } from '../../figures/rate-series.ts'

const HEIGHT = 170

/** The speed of a run, by what it has committed. */
export function RateChart({ commits }: { commits: readonly Commit[] }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const data = useRef<[number[], number[]]>([[], []])
  data.current = rateSeries(commits)
  const zone = useZone()
  const known = data.current[0].length > 1
  useBeginning(() => {
    const element = place.current
    if (!element || !known) return undefined
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsFor(element, zone), data.current ?? [[], []], element)
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
  useBeginning(() => plot.current?.setData(data.current ?? [[], []]), [commits])
  return (
    <>
      {known ? null : (
        <p class="quiet">Two commits at different times are the least to draw a line.</p>
      )}
      <div class="chart" ref={place} role="img" aria-label={describe(data.current)} />
    </>
  )
}

function describe([, rates]: readonly [number[], number[]]): string {
  const most = Math.round(Math.max(0, ...rates))
  return `Items per second over time, at most ${most}`
}

function optionsFor(element: HTMLElement, zone: Zone): uPlot.Options {
  // The style sheet's own colours: what a canvas draws cannot name them.
  const { color, textDecorationColor: line } = getComputedStyle(element)
  const grid = { stroke: `color-mix(in srgb, ${color} 14%, transparent)`, width: 1 }
  const font = `11px ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: color, grid, ticks: { show: false }, font }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, size: 26, space: 80, values: (_plot, times) => clocks(times, zone) },
      { ...axis, size: 48 },
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
