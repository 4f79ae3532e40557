import { readFileSync } from 'node:fs'
import { numberProblem } from '../engine/enumerators/json-value.ts'
import { isRecord } from '../engine/record.ts'
import { UsageError } from './errors.ts'

/** A run's params: JSON as it is, `@file` from a file, `-` from standard input. */
export function parseParams(source: string): Record<string, unknown> {
  const text = textOf(source)
  const problem = numberProblem(text)
  if (problem !== undefined) throw new UsageError(`--params ${named(source)}: ${problem}`)
  const params = parsed(text, source)
  if (!isRecord(params)) {
    throw new UsageError(
      `--params ${named(source)} holds no JSON object; expected one like {"upTo": 500}`,
    )
  }
  return params
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const hint = source.startsWith('@') || source === '-' ? '' : '; @FILE reads a file'
    throw new UsageError(`--params ${named(source)} is no JSON: ${(error as Error).message}${hint}`)
  }
}

function textOf(source: string): string {
  if (source !== '-' && !source.startsWith('@')) return source
  try {
    const bytes = readFileSync(source === '-' ? 0 : source.slice(1))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (error) {
    throw new UsageError(`--params ${named(source)} cannot be read: ${(error as Error).message}`)
  }
}

/** Params may be long: only where they come from is repeated. */
function named(source: string): string {
  return source === '-' ? 'of standard input' : source.startsWith('@') ? source : 'as given'
}
