import { DurableObject } from 'cloudflare:workers'
import { RunHost } from '../../durable-objects/run-host.ts'

/** The class of objects that start from now on, as a deploy would change it: those in memory keep theirs. */
export const deployed: { objects: typeof RunHost } = { objects: RunHost }

/** A run's object, of whatever class is deployed when it starts, over one and the same storage. */
export class RunOfAnyCode extends DurableObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    const object = new deployed.objects(ctx, env)
    object.onEvent = () => {}
    return object
  }
}

// The test pool looks here for what may be called.
Object.setPrototypeOf(RunOfAnyCode.prototype, RunHost.prototype)
