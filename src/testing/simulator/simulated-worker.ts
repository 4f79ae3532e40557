import { keepTimeBy } from '../../engine/clock.ts'
import type { SimulatedInvocation, WaitUntil } from './invocation.ts'
import { parseSettings } from './settings-text.ts'
import { Simulator } from './simulator.ts'

/** What the caller of an invocation hears that was ended by its CPU limit. */
const EXCEEDED = 'Worker exceeded CPU time limit.'

/**
 * A Worker whose bindings are as far away as its variable `SIMULATE` says, with the limits that it names:
 * `d1=30,object=10,frozen`. Without the variable it is the Worker as it is. For its objects, see
 * `simulatedObject`.
 */
export function simulatedWorker<Env extends object, Message>(
  worker: ExportedHandler<Env, Message>,
): ExportedHandler<Env, Message> {
  const { fetch, queue, scheduled } = worker
  return {
    ...worker,
    ...(fetch && {
      fetch: (request, env, ctx) => invoked(env, ctx, (near) => fetch(request, near, ctx)),
    }),
    ...(queue && {
      queue: (batch, env, ctx) => invoked(env, ctx, (near) => queue(batch, near, ctx)),
    }),
    ...(scheduled && {
      scheduled: (event, env, ctx) => invoked(env, ctx, (near) => scheduled(event, near, ctx)),
    }),
  }
}

/** Whatever the Worker's own bindings are. */
type ObjectClass = new (ctx: DurableObjectState, env: never) => object

/** The class of a Worker's Durable Objects, as far away from its bindings: `class JobRun extends simulatedObject(Base) {}`. */
export function simulatedObject<Class extends ObjectClass>(base: Class): Class {
  const Base: ObjectClass = base
  const simulated = class extends Base {
    constructor(ctx: DurableObjectState, env: object) {
      super(ctx, (simulatorOf(env)?.object(env, waiting(ctx)).env ?? env) as never)
    }
  }
  return simulated as unknown as Class
}

function invoked<Env extends object, Answer>(
  env: Env,
  ctx: ExecutionContext,
  work: (env: Env) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const invocation = simulatorOf(env)?.invocation(env, waiting(ctx))
  return invocation ? untilDead(invocation, work) : work(env)
}

function untilDead<Env extends object, Answer>(
  { env, clock, died }: SimulatedInvocation<Env>,
  work: (env: Env) => Answer | Promise<Answer>,
): Promise<Answer> {
  const dead = died.then((): never => {
    throw new Error(EXCEEDED)
  })
  keepTimeBy(env, clock)
  return Promise.race([work(env), dead])
}

const waiting =
  (ctx: Pick<ExecutionContext, 'waitUntil'>): WaitUntil =>
  (work) =>
    ctx.waitUntil(work)

/** One for all invocations, so that the jitter goes on. */
const simulators = new Map<string, Simulator>()

function simulatorOf(env: object): Simulator | undefined {
  const text = (env as { SIMULATE?: unknown }).SIMULATE
  if (typeof text !== 'string' || text === '') return undefined
  let simulator = simulators.get(text)
  if (!simulator) simulators.set(text, (simulator = new Simulator(parseSettings(text))))
  return simulator
}
