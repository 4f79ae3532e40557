import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { alertsProblem } from '../policies/alert-policy.ts'
import type { Style } from '../run.ts'
import { sensitiveProblem } from '../sensitive.ts'
import { performIteration } from '../styles/iteration.ts'
import { stepFunction } from '../styles/step-function.ts'
import type { RunContext } from './context.ts'
import { functionsProblem } from './job-functions.ts'
import { settingsProblem } from './job-settings.ts'
import type {
  AttributesOf,
  IterationDefinition,
  Job,
  JobDefinition,
  ParamsOf,
  Settings,
} from './job.ts'

/** Defines a job in steps. Throws `invalid_job` for a malformed definition, when the Worker starts. */
export function defineJob<
  Schema extends StandardSchemaV1 | undefined = undefined,
  Attributes extends StandardSchemaV1 | undefined = undefined,
>(definition: JobDefinition<Schema, Attributes>): Job<ParamsOf<Schema>> {
  requireFunctions(definition, ['perform'])
  return assemble(definition, 'continuable', (performance) => {
    const context = performance.context as RunContext<ParamsOf<Schema>, AttributesOf<Attributes>>
    return definition.perform({ ...context, step: stepFunction(performance) })
  })
}

/** Defines a job as an iteration. Throws `invalid_job` for a malformed definition. */
export function defineIteration<
  Item,
  C extends Cursor,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Attributes extends StandardSchemaV1 | undefined = undefined,
>(definition: IterationDefinition<Schema, Item, C, Attributes>): Job<ParamsOf<Schema>> {
  requireFunctions(definition, ['buildEnumerator', 'eachIteration'])
  if ('perform' in definition) {
    throw invalidJob(
      definition.name,
      'an iteration cannot define perform; the engine owns the loop',
    )
  }
  return assemble(
    definition,
    'iteration',
    (performance) => performIteration(definition, performance),
    definition.onShutdown?.bind(definition) as Job<never>['onShutdown'],
  )
}

function assemble<P, Schema, A, Attributes>(
  settings: Settings<P, Schema, A, Attributes> & { onComplete?: (context: never) => unknown },
  style: Style,
  perform: Job<P>['perform'],
  onShutdown?: Job<never>['onShutdown'],
): Job<P> {
  const { name, unit = 'item', unitSize, commit, budget = {}, queue, retry = {} } = settings
  const { steps = {}, errors = [], skip, resume = {}, alerts, sensitive = [] } = settings
  const { internal = false } = settings
  const { params, attributes } = settings as { params: unknown; attributes: unknown }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(name)) {
    throw invalidJob(name, 'expected a name of lower case letters, digits and dashes, at most 64')
  }
  for (const [what, schema] of Object.entries({ params, attributes })) {
    if (schema !== undefined && !isSchema(schema)) {
      throw invalidJob(name, `${what} is not a Standard Schema`)
    }
  }
  const problem =
    sensitiveProblem(sensitive, params as StandardSchemaV1 | undefined) ??
    (alerts && alertsProblem(alerts)) ??
    settingsProblem(settings)
  if (problem !== undefined) throw invalidJob(name, problem)
  return {
    name,
    style,
    schema: params as StandardSchemaV1<unknown, P> | undefined,
    unit,
    unitSize,
    commit,
    budget,
    queue,
    retry,
    attributes: attributes as StandardSchemaV1 | undefined,
    steps,
    errors,
    skip,
    resume,
    alerts,
    internal,
    sensitive,
    staleAfter: settings.staleAfter,
    perform,
    ...(onShutdown && { onShutdown }),
    ...(settings.onCancel && { onCancel: settings.onCancel.bind(settings) }),
    ...(settings.onComplete && {
      onComplete: settings.onComplete.bind(settings) as NonNullable<Job<P>['onComplete']>,
    }),
    ...(settings.continuations && {
      continuations: settings.continuations.bind(settings) as unknown as NonNullable<
        Job<P>['continuations']
      >,
    }),
    ...(settings.verify && { verify: settings.verify.bind(settings) }),
  }
}

function isSchema(value: unknown): value is StandardSchemaV1 {
  const may = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return may && '~standard' in value
}

function requireFunctions(definition: { name: string }, names: string[]): void {
  const problem = functionsProblem(definition, names)
  if (problem !== undefined) throw invalidJob(definition.name, problem)
}

function invalidJob(name: unknown, problem: string): DogearError {
  return new DogearError('invalid_job', `Job ${describeValue(name)} is malformed: ${problem}`)
}
