import { checkSettings, type SimulatorSettings, wrong } from './settings.ts'

/** Names with a number, and what they set. */
const NUMBERS: Readonly<Record<string, (value: number) => SimulatorSettings>> = {
  d1: (d1) => ({ d1 }),
  object: (object) => ({ object }),
  r2: (r2) => ({ r2 }),
  queue: (queue) => ({ queue }),
  jitter: (jitter) => ({ jitter }),
  seed: (seed) => ({ seed }),
  statements: (statements) => ({ statements }),
  connections: (connections) => ({ connections }),
  calls: (calls) => ({ cpu: { calls } }),
}

/**
 * Settings as one text: `d1=30,object=10,r2=20,queue=100,jitter=0.2,frozen,statements=1000,connections=6`.
 * `calls` is `cpu.calls`. Throws `invalid_settings`.
 */
export function parseSettings(text: string): SimulatorSettings {
  const settings: SimulatorSettings = {}
  for (const part of text.split(',')) {
    const [name = '', value] = part.split('=').map((word) => word.trim())
    Object.assign(settings, parsed(name, value))
  }
  return checkSettings(settings)
}

function parsed(name: string, value: string | undefined): SimulatorSettings {
  if (name === 'frozen' && value === undefined) return { frozen: true }
  const setting = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined
  if (setting === undefined || value === undefined)
    throw wrong(
      'setting',
      `'${value === undefined ? name : `${name}=${value}`}'`,
      `frozen, or one of ${Object.keys(NUMBERS).join(', ')} with a number: d1=30,object=10,frozen`,
    )
  const number = value === '' ? NaN : Number(value)
  if (Number.isNaN(number)) throw wrong(name, `'${value}'`, 'a number')
  return setting(number)
}
