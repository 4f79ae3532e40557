/** Writes metrics in Prometheus' text exposition format, version 0.0.4. */

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export type Labels = Readonly<Record<string, string>>

/** Counters and gauges. */
export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge'
  samples: readonly { labels: Labels; value: number }[]
}

/** `counts[i]` durations were at most `bounds[i]` seconds long; the last count is all of them. */
export interface HistogramFamily {
  name: string
  help: string
  bounds: readonly number[]
  series: readonly { labels: Labels; counts: readonly number[]; sum: number }[]
}

/** One family: its HELP, its TYPE, then a line per sample. */
export function familyText({ name, help, type, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => sampleLine(name, labels, value))
  return [...head(name, help, type), ...lines].join('\n') + '\n'
}

export function histogramText({ name, help, bounds, series }: HistogramFamily): string {
  const lines = series.flatMap(({ labels, counts, sum }) => {
    const all = counts.at(-1) ?? 0
    return [
      ...counts.map((count, index) =>
        sampleLine(`${name}_bucket`, { ...labels, le: String(bounds[index] ?? '+Inf') }, count),
      ),
      sampleLine(`${name}_sum`, labels, sum),
      sampleLine(`${name}_count`, labels, all),
    ]
  })
  return [...head(name, help, 'histogram'), ...lines].join('\n') + '\n'
}

function head(name: string, help: string, type: string): string[] {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return [`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`]
}

function sampleLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
