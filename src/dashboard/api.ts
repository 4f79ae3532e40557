import {
  Client,
  type Command,
  type CommandOptions,
  type JobInfo,
  type RunFilter as Filter,
  type Run,
  type SeedOptions,
  type Status,
} from '../client/index.ts'

export { ApiError as Problem } from '../client/index.ts'
export type {
  JobInfo,
  Mail,
  Overview,
  Run,
  Schedule,
  Session,
  Skip,
  Slice,
  Snapshot,
  Verification,
} from '../client/index.ts'

/** A field of a params schema, as far as a form can be made of it. */
export type ParamSchema = NonNullable<NonNullable<JobInfo['params']>['properties']>[string]

export interface Page<T> {
  nextCursor: string | null
  items: T[]
}

/** A filter as its form has it: what is not chosen is ''. */
export interface RunFilter {
  status?: Status | ''
  job?: string
  label?: string
}

/** The API at the page's own origin; the browser sends the session along. */
export const client = new Client()

/** As the views ask. */
export const api = {
  jobs: async () => (await client.jobs()).jobs,
  async runs(filter: RunFilter, cursor?: string, limit = 25): Promise<Page<Run>> {
    const { runs, nextCursor } = await client.runs({ ...chosen(filter), cursor, limit })
    return { items: runs, nextCursor }
  },
  run: (id: string) => client.run(id),
  checkpoint: (id: string) => client.checkpoint(id),
  slices: async (id: string) => (await client.slices(id)).slices,
  skips: async (id: string) => (await client.skips(id)).skips,
  verification: (id: string) => client.verification(id),
  command: (id: string, command: Command | 'redrive', options: CommandOptions = {}) =>
    command === 'redrive' ? client.redrive(id) : client.command(id, command, options),
  start: client.start,
  bulk: (command: Command, filter: RunFilter) => client.bulk(command, chosen(filter)),
  session: () => client.session(),
  logIn: (token: string) => client.logIn(token),
  logOut: () => client.logOut(),
  overview: () => client.overview(),
  schedules: async () => (await client.schedules()).schedules,
  mails: async () => (await client.mailbox({ limit: 20 })).mails,
  snapshot: () => client.snapshot(),
  shop: (what: 'seed' | 'reset' | 'clean', options: SeedOptions = {}) =>
    what === 'seed' ? client.seed(options) : client[what](),
}

function chosen({ status, job, label }: RunFilter): Filter {
  return { ...(status && { status }), ...(job && { job }), ...(label && { label }) }
}
