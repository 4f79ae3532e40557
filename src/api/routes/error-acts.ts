import { createRoute } from '@hono/zod-openapi'
import { bindingsOf } from '../../engine/bindings.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { untilMs } from '../../engine/durations.ts'
import { isoTime } from '../../engine/iso-time.ts'
import { startRun } from '../../engine/runs/start.ts'
import {
  dismissErrorGroup,
  type ErrorGroupDetails,
  muteErrorGroup,
  readErrorGroup,
  unmuteErrorGroup,
} from '../../monitoring/index.ts'
import { ProblemError } from '../problem.ts'
import { groupIdOf, unknownGroup } from '../request/group-id.ts'
import { idempotencyHeaders } from '../request/idempotency-key.ts'
import { router } from '../router.ts'
import {
  ErrorGroupSchema,
  MuteSchema,
  RetryGroupSchema,
  WouldRetrySchema,
} from '../schemas/errors.ts'
import { json, problems, RunSchema } from '../schemas/runs.ts'
import { steerRuns } from '../steer-runs.ts'
import { groupParam } from './errors.ts'

const MAX_MUTE_MS = 366 * 86_400_000

const retry = createRoute({
  method: 'post',
  path: '/{id}/retry',
  summary: 'Retry all runs that are failed with it',
  description: 'Starts a resumable run that retries each run that is failed with it now.',
  request: {
    ...groupParam,
    headers: idempotencyHeaders,
    body: { content: { 'application/json': { schema: RetryGroupSchema } }, required: false },
  },
  responses: {
    201: json(RunSchema, 'The run that does it; its result has `obeyed` and `refused`'),
    200: json(
      WouldRetrySchema.or(RunSchema),
      'Of a dry run: how many runs it would be. Else the run that this idempotency key started before',
    ),
    ...problems,
  },
})

const dismiss = createRoute({
  method: 'post',
  path: '/{id}/dismiss',
  summary: 'A person has seen it: nothing is said of it until it occurs again',
  request: groupParam,
  responses: {
    200: json(ErrorGroupSchema, 'The group; one that is not open stays as it was'),
    ...problems,
  },
})

const mute = createRoute({
  method: 'post',
  path: '/{id}/mute',
  summary: 'Say nothing of it until then, whether it occurs again or not',
  request: {
    ...groupParam,
    body: { content: { 'application/json': { schema: MuteSchema } }, required: true },
  },
  responses: { 200: json(ErrorGroupSchema, 'The group'), ...problems },
})

const unmute = createRoute({
  method: 'post',
  path: '/{id}/unmute',
  summary: 'Say again what there is to say of it',
  request: groupParam,
  responses: {
    200: json(ErrorGroupSchema, 'The group; one that is not muted stays as it was'),
    ...problems,
  },
})

/** What people do about groups of errors. */
export function errorActRoutes() {
  const app = router()

  app.openapi(retry, async (c) => {
    const group = await required(c.env, c.req.valid('param').id)
    const { dryRun = false } = c.req.valid('json') ?? {}
    if (dryRun) return c.json({ runs: group.failed }, 200)
    requireFailed(group)
    const idempotencyKey = c.req.valid('header')['idempotency-key']
    const created = await startRun(runObjects(c.env), steerRuns, {
      params: { command: 'retry', group: group.id },
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    })
    if (!created.ok) {
      throw new ProblemError(
        created.code,
        `Idempotency-Key '${idempotencyKey}' started another command, or one for other runs`,
      )
    }
    return c.json(created.run, created.created ? 201 : 200)
  })

  app.openapi(dismiss, async (c) => {
    const { id } = await required(c.env, c.req.valid('param').id)
    await dismissErrorGroup(bindingsOf(c.env).db, id, { at: isoTime(Date.now()), by: nameOf(c) })
    return c.json(await required(c.env, id), 200)
  })

  app.openapi(mute, async (c) => {
    const until = muteEnd(c.req.valid('json').until, Date.now())
    const { id } = await required(c.env, c.req.valid('param').id)
    const act = { at: isoTime(Date.now()), by: nameOf(c), until }
    await muteErrorGroup(bindingsOf(c.env).db, id, act)
    return c.json(await required(c.env, id), 200)
  })

  app.openapi(unmute, async (c) => {
    const { id } = await required(c.env, c.req.valid('param').id)
    await unmuteErrorGroup(bindingsOf(c.env).db, id, isoTime(Date.now()))
    return c.json(await required(c.env, id), 200)
  })

  return app
}

async function required(env: Cloudflare.Env, named: string): Promise<ErrorGroupDetails> {
  const id = await groupIdOf(env, named)
  const group = await readErrorGroup(bindingsOf(env).db, id, Date.now())
  if (!group) throw unknownGroup(named)
  return group
}

function requireFailed({ id, failed, lastAt }: ErrorGroupDetails): void {
  if (failed > 0) return
  throw new ProblemError(
    'error_group_resolved',
    `No run is failed with the error of group ${id} now, so there is none to retry; it last occurred at ${lastAt}`,
  )
}

function muteEnd(text: string, now: number): string {
  const ms = untilMs(text, now)
  if (ms > 0 && ms <= MAX_MUTE_MS) return isoTime(now + ms)
  throw new ProblemError(
    'invalid_options',
    `until: '${text}' is ${ms > 0 ? 'more than a year from now' : 'not in the future'}; expected a time within a year, or a duration like '8 hours'`,
  )
}

function nameOf(c: { get(name: 'caller'): { name: string } | undefined }): string {
  return c.get('caller')?.name ?? ''
}
