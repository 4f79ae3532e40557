import { RunHost } from '../../durable-objects/run-host.ts'
import type { ConsumerDeps } from '../engine/slice/consumer.ts'
import { consume } from '../engine/slice/consumer.ts'
import { lastTaken } from './signs-of-life.ts'
import { deliverWebhooks } from '../webhooks/index.ts'

/** The Durable Object of a run; webhooks tell its end. */
export class JobRun extends RunHost {
  protected override ended(): Promise<void> {
    return deliverWebhooks({ env: this.env })
  }
}

/** What an object must know of the Worker that it belongs to. */
export interface ObjectParts {
  /** The Worker's bindings, as Dogear finds them. */
  bind: (env: Cloudflare.Env) => Cloudflare.Env
  /** What slices work with. */
  deps: (env: Cloudflare.Env) => ConsumerDeps
  /** Rejects while this code must not work on the database. */
  ready: (env: Cloudflare.Env) => Promise<void>
}

/** The class of one Dogear's objects. They work their slices themselves where the Worker has no queue. */
export function jobRunOf({ bind, deps, ready }: ObjectParts): typeof JobRun {
  return class extends JobRun {
    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, bind(env))
      this.ready = () => ready(this.env)
      this.inbox.workSlice = async (body) => {
        await consume([{ body, ack: () => undefined }], deps(this.env))
      }
      this.inbox.lastTaken = () => lastTaken(this.env)
    }
  }
}
