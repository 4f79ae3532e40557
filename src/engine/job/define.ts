import { nameProblem } from '../name.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { alertsProblem } from '../policies/alert-policy.ts'
import { sensitiveProblem } from '../sensitive.ts'
import { functionsProblem } from './job-functions.ts'
import { settingsProblem } from './job-settings.ts'
import type {
  IterationDefinition,
  IterationMethods,
  Job,
  JobBody,
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
  const perform = definition.perform.bind(definition)
  return assemble(definition, { style: 'continuable', perform } as JobBody<ParamsOf<Schema>>)
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
  const methods = definition as unknown as IterationMethods<ParamsOf<Schema>>
  return assemble(definition, { style: 'iteration', methods })
}

type Hooks<P> = Pick<Job<P>, 'onShutdown' | 'onCancel' | 'onComplete' | 'continuations' | 'verify'>

/** A hook whatever its context: the engine hands each the one that its definition asks for. */
type Hook = (context: unknown) => Promise<void>

type AnySettings<P> = Settings<P, unknown, never, unknown> & {
  onComplete?: (context: never) => unknown
}

function assemble<P>(definition: object, body: JobBody<P>): Job<P> {
  const settings = definition as AnySettings<P>
  const problem = definitionProblem(settings)
  if (problem !== undefined) throw invalidJob(settings.name, problem)
  const { name, unit = 'item', unitSize, commit, budget = {}, queue, retry = {} } = settings
  const { steps = {}, errors = [], skip, resume = {}, alerts, sensitive = [] } = settings
  const { internal = false, description } = settings
  return {
    name,
    description,
    body,
    schema: settings.params as StandardSchemaV1<unknown, P> | undefined,
    unit,
    unitSize,
    commit,
    budget,
    queue,
    retry,
    attributes: settings.attributes as StandardSchemaV1 | undefined,
    steps,
    errors,
    skip,
    resume,
    alerts,
    internal,
    sensitive,
    staleAfter: settings.staleAfter,
    lanes: body.style === 'iteration' ? body.methods.lanes : undefined,
    ...hooksOf(settings, body),
  }
}

/** Bound, since a definition may use `this`. */
function hooksOf<P>(settings: AnySettings<P>, body: JobBody<P>): Hooks<P> {
  const { methods } = body.style === 'iteration' ? body : {}
  return {
    ...(methods?.onShutdown && { onShutdown: methods.onShutdown.bind(methods) as Hook }),
    ...(settings.onCancel && { onCancel: settings.onCancel.bind(settings) }),
    ...(settings.onComplete && { onComplete: settings.onComplete.bind(settings) as Hook }),
    ...(settings.continuations && { continuations: settings.continuations.bind(settings) as Hook }),
    ...(settings.verify && { verify: settings.verify.bind(settings) }),
  }
}

/** Undefined when nothing is found. */
function definitionProblem<P>(settings: AnySettings<P>): string | undefined {
  const { name, params, attributes, alerts, sensitive = [] } = settings
  const problem = nameProblem(name)
  if (problem !== undefined) return problem
  for (const [what, schema] of Object.entries({ params, attributes })) {
    if (schema !== undefined && !isSchema(schema)) return `${what} is not a Standard Schema`
  }
  return (
    sensitiveProblem(sensitive, params as StandardSchemaV1 | undefined) ??
    (alerts && alertsProblem(alerts)) ??
    settingsProblem(settings)
  )
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
