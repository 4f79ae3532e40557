import { eachOf } from './each-of.ts'
import type { CallOptions } from './connection.ts'
import { path, Requests, search, type StartCallOptions } from './requests.ts'
import { watchRun, type RunNews, type WatchOptions } from './run-news.ts'
import type {
  Alert,
  AlertPage,
  AlertsQuery,
  AuditPage,
  AuditQuery,
  Checkpoint,
  Command,
  CommandOptions,
  Commit,
  ForkOptions,
  Delivery,
  Doctor,
  ErrorGroup,
  ErrorGroupDetails,
  ErrorGroupPage,
  ErrorGroupsQuery,
  Health,
  HistoryPage,
  HistoryQuery,
  JobDetails,
  JobList,
  LedgerPage,
  LedgerQuery,
  LogLine,
  LogPage,
  LogsQuery,
  Overview,
  RestartOptions,
  Run,
  RunFilter,
  RunHistogram,
  RunHistogramQuery,
  RunPage,
  RunsQuery,
  RunTotals,
  RunTotalsQuery,
  Schedule,
  ScheduleList,
  Session,
  Skip,
  SkipFileQuery,
  SkipGroups,
  SkipPage,
  SkipsQuery,
  SliceList,
  SlicesQuery,
  StartOptions,
  StretchesQuery,
  StretchList,
  Verification,
  Webhooks,
  WebhooksQuery,
} from './types.ts'

/**
 * The API of one Worker, one method per route. Each throws an `ApiError` for what is no success. Nothing
 * is sent twice by itself: who polls asks again anyway, and what changes something is the caller's to repeat.
 */
export class Client extends Requests {
  // Properties, so that each can be handed on as a function.

  /** `GET /health`: whether the Worker is there; needs no token. */
  health = (options?: CallOptions): Promise<Health> => this.get('/health', options)
  /** `GET /openapi.json`: the API, as OpenAPI 3.1. */
  openapi = (options?: CallOptions): Promise<Record<string, unknown>> =>
    this.get('/openapi.json', options)
  /** `GET /doctor`: whether what the Worker is wired to does what it is for; takes up to eight seconds. */
  doctor = (options?: CallOptions): Promise<Doctor> => this.get('/doctor', options)
  /** `GET /metrics`: in the text format of Prometheus. */
  metrics = (options?: CallOptions): Promise<string> =>
    this.connection.text('GET', '/metrics', { ...options, headers: { accept: 'text/plain' } })
  /** `GET /api/overview`: how all runs are doing. */
  overview = (options?: CallOptions): Promise<Overview> => this.get('/api/overview', options)
  /** `GET /api/schedules`: the runs that start by the clock. */
  schedules = (options?: CallOptions): Promise<ScheduleList> => this.get('/api/schedules', options)
  /** `POST /api/schedules/:name/run`: starts a run of a schedule at once. */
  runSchedule = (name: string, options?: CallOptions): Promise<Run> =>
    this.post(path`/api/schedules/${name}/run`, undefined, options)
  /** `POST /api/schedules/:name/pause`: its ticks start nothing until it is resumed. */
  pauseSchedule = (name: string, options?: CallOptions): Promise<Schedule> =>
    this.post(path`/api/schedules/${name}/pause`, undefined, options)
  /** `POST /api/schedules/:name/resume`: its next tick starts a run again. */
  resumeSchedule = (name: string, options?: CallOptions): Promise<Schedule> =>
    this.post(path`/api/schedules/${name}/resume`, undefined, options)
  /** `GET /api/jobs`: the jobs, and the JSON Schema of their params. */
  jobs = (options?: CallOptions): Promise<JobList> => this.get('/api/jobs', options)
  /** `GET /api/jobs/:job`: a job, and how its last runs do. */
  job = (job: string, options?: CallOptions): Promise<JobDetails> =>
    this.get(path`/api/jobs/${job}`, options)

  /**
   * `POST /api/jobs/:job/runs`: starts a run. With `ParamsOf` a job's params are checked by the compiler:
   * `client.start<ParamsOf<typeof importOrders>>('import-orders', { params })`.
   */
  start = <Params = Record<string, unknown>>(
    job: string,
    given: StartOptions<Params> = {},
    options?: StartCallOptions,
  ): Promise<Run> => this.post(path`/api/jobs/${job}/runs`, given, options)

  /** `GET /api/runs`: one page of the runs that fit, the newest first. */
  runs = (query: RunsQuery = {}, options?: CallOptions): Promise<RunPage> =>
    this.get(`/api/runs${search(query)}`, options)
  /** All runs that fit, read page by page as they are asked for. */
  eachRun = (query: RunsQuery = {}, options?: CallOptions): AsyncGenerator<Run, void> =>
    eachOf(query, async (page) => {
      const { runs, nextCursor } = await this.runs(page, options)
      return { items: runs, nextCursor }
    })

  /** `GET /api/runs/totals`: how many runs fit, and with `details` what they are. */
  runTotals = (query: RunTotalsQuery = {}, options?: CallOptions): Promise<RunTotals> =>
    this.get(`/api/runs/totals${search(query)}`, options)
  /** `GET /api/runs/histogram`: how many runs fit, by the time of their creation. */
  runHistogram = (query: RunHistogramQuery = {}, options?: CallOptions): Promise<RunHistogram> =>
    this.get(`/api/runs/histogram${search(query)}`, options)

  /** `GET /api/runs/:id`: one run. */
  run = (id: string, options?: CallOptions): Promise<Run> =>
    this.get(path`/api/runs/${id}`, options)
  /** `GET /api/runs/:id/checkpoint`: where it would go on, as D1 has it. */
  checkpoint = (id: string, options?: CallOptions): Promise<Checkpoint> =>
    this.get(path`/api/runs/${id}/checkpoint`, options)
  /** `GET /api/runs/:id/slices`: one page of its slices, the newest; the oldest of them first. */
  slices = (id: string, query: SlicesQuery = {}, options?: CallOptions): Promise<SliceList> =>
    this.get(path`/api/runs/${id}/slices` + search(query), options)
  /** `GET /api/runs/:id/stretches`: its whole course, in at most 512 stretches of time with their sums. */
  stretches = (
    id: string,
    query: StretchesQuery = {},
    options?: CallOptions,
  ): Promise<StretchList> => this.get(path`/api/runs/${id}/stretches` + search(query), options)
  /** `GET /api/runs/:id/history`: one page of its events, the newest first, and what is no longer kept of them. */
  history = (id: string, query: HistoryQuery = {}, options?: CallOptions): Promise<HistoryPage> =>
    this.get(path`/api/runs/${id}/history` + search(query), options)
  /** All its events that are kept, the newest first, read page by page as they are asked for. */
  eachEvent = (
    id: string,
    query: HistoryQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<HistoryPage['events'][number], void> =>
    eachOf(query, async (page) => {
      const { events, nextCursor } = await this.history(id, page, options)
      return { items: events, nextCursor }
    })
  /** `GET /api/runs/:id/logs`: one page of the lines that its job has written by `run.log`, the newest first. */
  logs = (id: string, query: LogsQuery = {}, options?: CallOptions): Promise<LogPage> =>
    this.get(path`/api/runs/${id}/logs` + search(query), options)
  /** All its lines that are kept, the newest first, read page by page as they are asked for. */
  eachLine = (
    id: string,
    query: LogsQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<LogLine, void> =>
    eachOf(query, async (page) => {
      const { lines, nextCursor } = await this.logs(id, page, options)
      return { items: lines, nextCursor }
    })
  /** `GET /api/runs/:id/verification`: the proof that it did everything exactly once. */
  verification = (id: string, options?: CallOptions): Promise<Verification> =>
    this.get(path`/api/runs/${id}/verification`, options)
  /** `GET /api/runs/:id/skips`: one page of the items that were passed over. */
  skips = (id: string, query: SkipsQuery = {}, options?: CallOptions): Promise<SkipPage> =>
    this.get(path`/api/runs/${id}/skips` + search(query), options)
  /** All items that were passed over, read page by page as they are asked for. */
  eachSkip = (
    id: string,
    query: SkipsQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<Skip, void> =>
    eachOf(query, async (page) => {
      const { skips, nextCursor } = await this.skips(id, page, options)
      return { items: skips, nextCursor }
    })

  /** `GET /api/runs/:id/skips/groups`: the items that were passed over, by their errors. */
  skipGroups = (id: string, options?: CallOptions): Promise<SkipGroups> =>
    this.get(path`/api/runs/${id}/skips/groups`, options)
  /** `GET /api/runs/:id/skips/file`: all of them as CSV or JSON lines, as they are read. */
  skipFile = async (
    id: string,
    query: SkipFileQuery = {},
    options: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array> | null> => {
    const target = path`/api/runs/${id}/skips/file` + search(query)
    return (await this.connection.open('GET', target, options)).body
  }

  /** `GET /api/runs/:id/ledger`: one page of its commits, the newest first. */
  ledger = (id: string, query: LedgerQuery = {}, options?: CallOptions): Promise<LedgerPage> =>
    this.get(path`/api/runs/${id}/ledger` + search(query), options)
  /** All its commits, read page by page as they are asked for. */
  eachCommit = (
    id: string,
    query: LedgerQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<Commit, void> =>
    eachOf(query, async (page) => {
      const { commits, nextCursor } = await this.ledger(id, page, options)
      return { items: commits, nextCursor }
    })

  /**
   * `GET /api/runs/:id/events`: what happens to a run, live. Comes back by itself when the connection is
   * lost, goes on where it was, and says so. `break` ends it.
   */
  events = (id: string, options?: WatchOptions): AsyncGenerator<RunNews, void> =>
    watchRun(this.connection, path`/api/runs/${id}/events`, options)

  /** `POST /api/runs/:id/:command`: steers a run. It is shown as it is then, which may not be there yet. */
  command = (
    id: string,
    command: Command,
    given: CommandOptions = {},
    options?: CallOptions,
  ): Promise<Run> => this.post(path`/api/runs/${id}/${command}`, given, options)
  /** `POST /api/runs/:id/kill`: kills the slice that works on a run, as a crash would. */
  kill = (id: string, options?: CallOptions): Promise<Run> =>
    this.post(path`/api/runs/${id}/kill`, undefined, options)
  /** `POST /api/runs/:id/redrive`: starts a run of just the skipped items. */
  redrive = (id: string, options?: CallOptions): Promise<Run> =>
    this.post(path`/api/runs/${id}/redrive`, undefined, options)
  /** `POST /api/runs/:id/fork`: starts a new run that goes on from a commit of this one. */
  fork = (id: string, given: ForkOptions, options?: StartCallOptions): Promise<Run> =>
    this.post(path`/api/runs/${id}/fork`, given, options)
  /** `POST /api/runs/:id/restart`: starts a new run that does a step again, and what follows it. */
  restart = (id: string, given: RestartOptions, options?: StartCallOptions): Promise<Run> =>
    this.post(path`/api/runs/${id}/restart`, given, options)
  /** `POST /api/runs/bulk`: starts a run that gives the command to all runs that fit. */
  bulk = (command: Command, filter: RunFilter, options?: StartCallOptions): Promise<Run> =>
    this.post('/api/runs/bulk', { command, filter }, options)

  /** `GET /api/alerts`: one page of what people should look at, the newest first. */
  alerts = (query: AlertsQuery = {}, options?: CallOptions): Promise<AlertPage> =>
    this.get(`/api/alerts${search(query)}`, options)
  /** All alerts that fit, read page by page as they are asked for. */
  eachAlert = (query: AlertsQuery = {}, options?: CallOptions): AsyncGenerator<Alert, void> =>
    eachOf(query, async (page) => {
      const { alerts, nextCursor } = await this.alerts(page, options)
      return { items: alerts, nextCursor }
    })
  /** `POST /api/alerts/:id/dismiss`: clears one that a person has seen. */
  dismiss = (alert: number, options?: CallOptions): Promise<Alert> =>
    this.post(path`/api/alerts/${alert}/dismiss`, undefined, options)
  /** `GET /api/errors`: one page of the groups of errors, those that occurred last first. */
  errors = (query: ErrorGroupsQuery = {}, options?: CallOptions): Promise<ErrorGroupPage> =>
    this.get(`/api/errors${search(query)}`, options)
  /** All groups of errors that fit, read page by page as they are asked for. */
  eachError = (
    query: ErrorGroupsQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<ErrorGroup, void> =>
    eachOf(query, async (page) => {
      const { groups, nextCursor } = await this.errors(page, options)
      return { items: groups, nextCursor }
    })
  /** `GET /api/errors/:id`: one group of errors, with its trend and its newest runs. */
  error = (group: string, options?: CallOptions): Promise<ErrorGroupDetails> =>
    this.get(path`/api/errors/${group}`, options)
  /** `POST /api/errors/:id/retry`: starts a run that retries all runs that are failed with it. */
  retryError = (group: string, options?: StartCallOptions): Promise<Run> =>
    this.post(path`/api/errors/${group}/retry`, {}, options)
  /** `POST /api/errors/:id/retry` as a dry run: how many runs it would be. */
  retryErrorDryRun = (group: string, options?: CallOptions): Promise<{ runs: number }> =>
    this.post(path`/api/errors/${group}/retry`, { dryRun: true }, options)
  /** `POST /api/errors/:id/dismiss`: nothing is said of it until it occurs again. */
  dismissError = (group: string, options?: CallOptions): Promise<ErrorGroup> =>
    this.post(path`/api/errors/${group}/dismiss`, undefined, options)
  /** `POST /api/errors/:id/mute`: nothing is said of it until a time, or for a duration like `8 hours`. */
  muteError = (group: string, until: string, options?: CallOptions): Promise<ErrorGroup> =>
    this.post(path`/api/errors/${group}/mute`, { until }, options)
  /** `POST /api/errors/:id/unmute`: what is said of it is said again. */
  unmuteError = (group: string, options?: CallOptions): Promise<ErrorGroup> =>
    this.post(path`/api/errors/${group}/unmute`, undefined, options)
  /** `GET /api/webhooks`: the endpoints, and one page of their deliveries, the newest first. */
  webhooks = (query: WebhooksQuery = {}, options?: CallOptions): Promise<Webhooks> =>
    this.get(`/api/webhooks${search(query)}`, options)
  /** `POST /api/webhooks/deliveries/:id/retry`: sends one again. */
  retryDelivery = (delivery: number, options?: CallOptions): Promise<Delivery> =>
    this.post(path`/api/webhooks/deliveries/${delivery}/retry`, undefined, options)
  /** `POST /api/webhooks/test`: sends an endpoint an event that is about no run. */
  testWebhook = (endpoint: string, options?: CallOptions): Promise<Delivery> =>
    this.post('/api/webhooks/test', { endpoint }, options)

  /** `GET /api/audit`: one page of who has changed what, the newest first. */
  audit = (query: AuditQuery = {}, options?: CallOptions): Promise<AuditPage> =>
    this.get(`/api/audit${search(query)}`, options)
  /** `GET /api/session`: who asks, and what they may do. */
  session = (options?: CallOptions): Promise<Session> => this.get('/api/session', options)
  /** `POST /api/session`: begins a browser's session, which is a cookie. */
  logIn = (token: string, options?: CallOptions): Promise<Session> =>
    this.post('/api/session', { token }, options)
  /** `DELETE /api/session`: ends it. */
  logOut = async (options?: CallOptions): Promise<void> => {
    await this.connection.text('DELETE', '/api/session', options)
  }
}
