import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type ParseError, parse as parseJsonc, printParseErrorCode } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { CliError } from '../errors.ts'
import { withoutMark } from './byte-order-mark.ts'
import { checkedConfig, type WorkerConfig } from './worker-config.ts'

/** A configuration of wrangler's, as it was found. */
export interface ConfigFile {
  path: string
  /** As one would type it in the folder that the command was called in. */
  name: string
  format: 'jsonc' | 'toml'
  /** Without the mark that may stand in front of it. */
  text: string
  /** That mark, or nothing. */
  mark: string
  config: WorkerConfig
}

/** In the order in which wrangler looks for them. */
const NAMES = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml']

/** The file of Cloudflare's `cf`, which is code. */
export const CODE_CONFIG = 'cloudflare.config.ts'

/** Finds it in the folder, or takes what is given. Undefined when there is none; `no_config` when what is given is none. */
export function findConfigFile(folder: string, given?: string): ConfigFile | undefined {
  const name = given ?? NAMES.find((one) => existsSync(join(folder, one)))
  if (name === undefined) return undefined
  const path = resolve(folder, name)
  if (!existsSync(path))
    throw new CliError(
      'no_config',
      `there is no ${name}; expected a wrangler.jsonc, wrangler.json or wrangler.toml`,
    )
  return readConfigFile(path, relative(folder, path))
}

/** Says how to begin where there is no Worker yet. */
export function noConfig(folder: string): CliError {
  if (existsSync(join(folder, CODE_CONFIG))) {
    const problem = `${CODE_CONFIG} is code, which this command does not read; expected one of ${NAMES.join(', ')}`
    return new CliError('no_config', problem)
  }
  return new CliError(
    'no_config',
    `found none of ${NAMES.join(', ')} in ${folder}; go to the folder of your Worker, say where its ` +
      `configuration is with --config, or begin a Worker with: npm create cloudflare@latest`,
  )
}

function readConfigFile(path: string, name: string): ConfigFile {
  const read = readFileSync(path, 'utf8')
  const text = withoutMark(read)
  const mark = read.slice(0, read.length - text.length)
  const format = path.endsWith('.toml') ? 'toml' : 'jsonc'
  const config = format === 'toml' ? tomlOf(text, name) : jsoncOf(text, name)
  return { path, name, format, text, mark, config: checkedConfig(config, name) }
}

function jsoncOf(text: string, name: string): unknown {
  const errors: ParseError[] = []
  const config: unknown = parseJsonc(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first === undefined) return config
  const line = text.slice(0, first.offset).split('\n').length
  throw invalid(`${name}:${line}`, printParseErrorCode(first.error))
}

function tomlOf(text: string, name: string): unknown {
  try {
    return parseToml(text)
  } catch (error) {
    throw invalid(name, error instanceof Error ? error.message : String(error))
  }
}

function invalid(where: string, problem: string): CliError {
  return new CliError('invalid_config', `${where} cannot be read: ${problem}`)
}
