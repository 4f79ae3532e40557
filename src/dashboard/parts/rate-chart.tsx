import { useEffect, useRef } from 'hono/jsx/dom'
import uPlot from 'uplot'
import type { Sample } from '../live.ts'

/** Items per second between two samples, over time. */
function series(samples: readonly Sample[]): [number[], number[]] {
  const times: number[] = []
  const rates: number[] = []
  let before = samples[0]
  for (const sample of samples.slice(1)) {
    if (!before || sample.at - before.at < 200) continue
    times.push(sample.at / 1_000)
    rates.push(Math.max(0, ((sample.done - before.done) * 1_000) / (sample.at - before.at)))
    before = sample
  }
  return [times, rates]
}

/** How fast a run works, as this page has seen it. */
export function RateChart({ samples }: { samples: readonly Sample[] }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const ink = getComputedStyle(element).color
    const axis = { stroke: ink, grid: { stroke: `color-mix(in srgb, ${ink} 15%, transparent)` } }
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: 160,
        legend: { show: false },
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [axis, axis],
        series: [{}, { stroke: '#2f8f73', width: 2, fill: '#2f8f7322' }],
      },
      [[], []],
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: 160 }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [])
  useEffect(() => plot.current?.setData(series(samples)), [samples])
  return <div class="chart" ref={place} role="img" aria-label="Items per second over time" />
}
