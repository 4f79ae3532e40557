/**
 * A strict reader of Prometheus' text format 0.0.4: refuses what the format's description does not
 * allow, and what a Prometheus server would complain about.
 */

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface ParsedFamily {
  type: string
  help: string
  samples: Sample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(String.raw`^# HELP (${NAME}) ((?:[^\\\n]|\\[\\n])*)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(
  String.raw`^(${NAME})(?:\{(.*)\})? ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$`,
)
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y

export function parsePrometheus(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>()
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed')
  let current = ''
  const seen = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const help = HELP.exec(line)
    const type = TYPE.exec(line)
    if (help?.[1] !== undefined) {
      if (families.has(help[1])) throw new Error(`a second HELP for ${help[1]}`)
      current = help[1]
      families.set(current, { type: '', help: help[2] ?? '', samples: [] })
    } else if (type?.[1] !== undefined) {
      const family = families.get(type[1])
      if (type[1] !== current || !family || family.type !== '' || family.samples.length > 0)
        throw new Error(`TYPE must follow its HELP, once and before any sample: ${line}`)
      family.type = type[2] ?? ''
    } else {
      const sample = parseSample(line)
      const family = families.get(current)
      if (!family?.type || !belongs(sample.name, current, family.type))
        throw new Error(`a sample outside its family: ${line}`)
      const identity = JSON.stringify([
        sample.name,
        Object.entries(sample.labels).sort(([a], [b]) => a.localeCompare(b)),
      ])
      if (seen.has(identity)) throw new Error(`a sample twice: ${line}`)
      seen.add(identity)
      family.samples.push(sample)
    }
  }
  for (const [name, family] of families) checkFamily(name, family)
  return families
}

function parseSample(line: string): Sample {
  const match = SAMPLE.exec(line)
  if (!match) throw new Error(`not a sample: ${line}`)
  const [, name = '', inside = '', value = ''] = match
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < inside.length) {
    const label = LABEL.exec(inside)
    if (!label) throw new Error(`malformed labels: ${line}`)
    const [, key = '', escaped = ''] = label
    if (key in labels) throw new Error(`label ${key} twice: ${line}`)
    labels[key] = escaped.replaceAll(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char))
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function belongs(sample: string, family: string, type: string): boolean {
  if (type !== 'histogram') return sample === family
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === family + suffix)
}

function checkFamily(name: string, { type, samples }: ParsedFamily): void {
  if (type === '') throw new Error(`${name} has no TYPE`)
  if (type === 'counter') {
    if (!name.endsWith('_total')) throw new Error(`counter ${name} must end in _total`)
    if (samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is below 0`)
  }
  if (type === 'histogram') checkHistogram(name, samples)
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = Map.groupBy(samples, ({ labels: { le: _le, ...own } }) => JSON.stringify(own))
  for (const [labels, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels: { le = '' } }) => Number(le.replace('Inf', 'Infinity')))
    const counts = buckets.map(({ value }) => value)
    const count = own.find((sample) => sample.name === `${name}_count`)?.value
    if (bounds.some((bound, index) => index > 0 && !(bound > (bounds[index - 1] ?? 0))))
      throw new Error(`buckets of ${name}${labels} do not grow`)
    if (bounds.at(-1) !== Infinity) throw new Error(`${name}${labels} has no +Inf bucket`)
    if (counts.some((value, index) => value < (counts[index - 1] ?? 0)))
      throw new Error(`${name}${labels} is not cumulative`)
    if (count !== counts.at(-1)) throw new Error(`${name}_count${labels} is not its +Inf bucket`)
    if (!own.some((sample) => sample.name === `${name}_sum`))
      throw new Error(`${name}${labels} has no sum`)
  }
}
