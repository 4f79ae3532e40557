import { parseArgs } from 'node:util'
import { parseSettings } from '../../testing/simulator/settings-text.ts'
import { LOCAL_VARS } from './wrangler.ts'

/** Only this machine can ask there. */
const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
/** The port of `wrangler dev` by default. */
const WRANGLER_PORT = 8787

/** The address in `[dev]` of the configuration. */
export interface DevConfig {
  ip?: string | undefined
  port?: number | undefined
  host?: string | undefined
}

/** A start of `wrangler dev`. */
export interface DevStart {
  persistTo: string | undefined
  config: string | undefined
  ip: string
  port: number
  /** Its other flags: all but those of the address, which is passed on as it was judged here. */
  flags: readonly string[]
  vars: Readonly<Record<string, string>>
}

/**
 * The address of a local Worker, and whether whoever asks at a loopback name may do everything. Not when
 * anybody else can ask: whoever reaches another address, or a tunnel, can say that they ask at such a name.
 * Throws `invalid_settings` for a `--simulate` that says nothing that can be simulated.
 */
export function devStart(
  args: readonly string[],
  read: (config: string | undefined) => DevConfig,
): DevStart {
  const { values, tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      'persist-to': { type: 'string' },
      config: { type: 'string', short: 'c' },
      port: { type: 'string' },
      ip: { type: 'string' },
      remote: { type: 'boolean', short: 'r' },
      simulate: { type: 'string' },
    },
  })
  const text = (name: string) => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const config = text('config')
  const configured = read(config)
  const ip = text('ip') ?? configured.ip ?? '127.0.0.1'
  const isOpen = ['remote', 'tunnel', 'host', 'local-upstream'].some((name) => name in values)
  const alone = LOOPBACK.includes(ip) && !isOpen && configured.host === undefined
  const { DEV_ACCESS: _everybody, ...others } = LOCAL_VARS
  const simulate = 'simulate' in values ? (text('simulate') ?? '') : undefined
  if (simulate !== undefined) parseSettings(simulate)
  // Flags of its own, which wrangler gets in another form or does not know.
  const taken = tokens
    .filter((token) => token.kind === 'option' && ['ip', 'simulate'].includes(token.name))
    .flatMap((token) =>
      'inlineValue' in token && token.value !== undefined && !token.inlineValue
        ? [token.index, token.index + 1]
        : [token.index],
    )
  return {
    persistTo: text('persist-to'),
    config,
    ip,
    port: Number(text('port') ?? configured.port ?? WRANGLER_PORT),
    flags: args.filter((_flag, index) => !taken.includes(index)),
    vars: {
      ...(alone ? LOCAL_VARS : others),
      ...(simulate !== undefined && { SIMULATE: simulate }),
    },
  }
}
