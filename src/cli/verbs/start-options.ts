import type { Command } from 'commander'
import type { InterruptDirective } from '../../engine/drive/run-record.ts'
import {
  interruptDirective,
  parseCount,
  parseDuration,
  parseInterruptAt,
  parseLabel,
  parseParam,
} from '../args.ts'
import { parseParams } from '../params-source.ts'

/** The options of every verb that starts a run. */
export interface StartVerbOptions {
  param?: Record<string, unknown>
  params?: Record<string, unknown>
  label?: Record<string, string>
  idempotencyKey?: string
  wait?: boolean
  hold?: boolean
  interruptAfter?: number
  interruptAfterItems?: number
  interruptAt?: string
}

/** Adds these options. */
export function withStartOptions(verb: Command): Command {
  return verb
    .option('--param <key=value>', 'a param; JSON is taken as JSON (repeatable)', parseParam)
    .option(
      '--params <json|@file|->',
      'all params as JSON: here, in a file, or on standard input',
      parseParams,
    )
    .option('--label <name:value>', 'to find the run by (repeatable)', parseLabel)
    .option('--idempotency-key <key>', 'the same key starts one run, however often it is typed')
    .option('--wait', 'wait until the run ends or is held; exit 1 if it ends uncompleted')
    .option('--hold', 'once interrupted as asked here, stay so until `resume`')
    .option('--interrupt-after <duration>', 'interrupt after this time: 10s, 500ms', parseDuration)
    .option('--interrupt-after-items <n>', 'interrupt after this many items', parseCount)
    .option(
      '--interrupt-at <unit:value>',
      'interrupt just before this item: order:500, customer:42, customer:42/order:18',
      parseInterruptAt,
    )
}

/** The same, as the API takes it. */
export function startOptions(options: StartVerbOptions): {
  params?: Record<string, unknown>
  labels?: Record<string, string>
  hold?: boolean
  interrupt?: InterruptDirective
} {
  const interrupt = interruptDirective(options)
  return {
    // One that is named by itself counts more than the same in a file.
    ...((options.params ?? options.param) && { params: { ...options.params, ...options.param } }),
    ...(options.label && { labels: options.label }),
    ...(options.hold && { hold: true }),
    ...(interrupt && { interrupt }),
  }
}
