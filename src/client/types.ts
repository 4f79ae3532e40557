import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { z } from 'zod'
import type {
  AuditQuerySchema,
  AuditSchema,
  CallerSchema,
  LogInSchema,
} from '../api/schemas/access.ts'
import type {
  ForkSchema,
  LedgerQuerySchema,
  LedgerSchema,
  RestartSchema,
} from '../api/schemas/forks.ts'
import type { AlertSchema, AlertsQuerySchema, AlertsSchema } from '../api/schemas/alerts.ts'
import type {
  ErrorGroupDetailsSchema,
  ErrorGroupSchema,
  ErrorGroupsQuerySchema,
  ErrorGroupsSchema,
} from '../api/schemas/errors.ts'
import type {
  HistoryQuerySchema,
  HistorySchema,
  LogsQuerySchema,
  LogsSchema,
  StretchesQuerySchema,
  StretchesSchema,
} from '../api/schemas/history.ts'
import type { DoctorSchema } from '../api/schemas/doctor.ts'
import type { JobDetailsSchema, JobsSchema } from '../api/schemas/jobs.ts'
import type { HealthSchema } from '../api/schemas/health.ts'
import type { OverviewSchema, SchedulesSchema } from '../api/schemas/overview.ts'
import type {
  CheckpointSchema,
  SkipFileQuerySchema,
  SkipGroupsSchema,
  SkipsQuerySchema,
  SkipsSchema,
  SlicesQuerySchema,
  SlicesSchema,
  VerificationSchema,
} from '../api/schemas/run-details.ts'
import type { HistogramSchema, TotalsSchema } from '../api/schemas/run-figures.ts'
import type {
  BulkSchema,
  HistogramQuerySchema,
  ListQuerySchema,
  TotalsQuerySchema,
} from '../api/schemas/run-filter.ts'
import type { CommandSchema, RunPageSchema, RunSchema, StartSchema } from '../api/schemas/runs.ts'
import type {
  DeliverySchema,
  WebhooksQuerySchema,
  WebhooksSchema,
} from '../api/schemas/webhooks.ts'

export type { EngineEvent, EventType } from '../engine/events.ts'
export type { Command, InterruptionReason, NestedSteps, Status } from '../engine/run.ts'

/**
 * The API's JSON. These are the types of the schemas that validate and document it; only types are
 * imported, so that no validator comes along.
 */
export type Run = z.infer<typeof RunSchema>
/** One of the lanes of a run. */
export type Lane = NonNullable<Run['lanes']>[number]
export type RunPage = z.infer<typeof RunPageSchema>
export type RunTotals = z.infer<typeof TotalsSchema>
export type RunHistogram = z.infer<typeof HistogramSchema>
export type Checkpoint = z.infer<typeof CheckpointSchema>
export type SliceList = z.infer<typeof SlicesSchema>
export type Slice = SliceList['slices'][number]
export type HistoryPage = z.infer<typeof HistorySchema>
export type LeftOut = HistoryPage['leftOut'][number]
export type LogPage = z.infer<typeof LogsSchema>
export type LogLine = LogPage['lines'][number]
export type StretchList = z.infer<typeof StretchesSchema>
export type Stretch = StretchList['stretches'][number]
export type SkipPage = z.infer<typeof SkipsSchema>
export type Skip = SkipPage['skips'][number]
export type SkipGroups = z.infer<typeof SkipGroupsSchema>
export type SkipGroup = SkipGroups['groups'][number]
export type SkipFileQuery = z.input<typeof SkipFileQuerySchema>
export type LedgerPage = z.infer<typeof LedgerSchema>
export type Commit = LedgerPage['commits'][number]
export type Verification = z.infer<typeof VerificationSchema>
export type Check = Verification['checks'][number]
export type JobList = z.infer<typeof JobsSchema>
export type JobDetails = z.infer<typeof JobDetailsSchema>
export type JobRun = JobDetails['runs'][number]
export type JobInfo = JobList['jobs'][number]
export type Overview = z.infer<typeof OverviewSchema>
export type ScheduleList = z.infer<typeof SchedulesSchema>
export type Schedule = ScheduleList['schedules'][number]
export type Alert = z.infer<typeof AlertSchema>
export type AlertPage = z.infer<typeof AlertsSchema>
export type ErrorGroup = z.infer<typeof ErrorGroupSchema>
export type ErrorGroupDetails = z.infer<typeof ErrorGroupDetailsSchema>
export type ErrorGroupPage = z.infer<typeof ErrorGroupsSchema>
export type Webhooks = z.infer<typeof WebhooksSchema>
export type Delivery = z.infer<typeof DeliverySchema>
export type Doctor = z.infer<typeof DoctorSchema>
export type Health = z.infer<typeof HealthSchema>
export type Session = z.infer<typeof CallerSchema>
export type AuditPage = z.infer<typeof AuditSchema>
export type AuditEntry = AuditPage['entries'][number]

export type RunsQuery = z.input<typeof ListQuerySchema>
/** A choice of runs; every part must fit. */
export type RunFilter = z.input<typeof BulkSchema>['filter']
export type ErrorGroupsQuery = z.input<typeof ErrorGroupsQuerySchema>
export type RunTotalsQuery = Omit<z.input<typeof TotalsQuerySchema>, 'details'> & {
  /** Also what they are: statuses and errors. */
  details?: boolean | undefined
}
export type RunHistogramQuery = z.input<typeof HistogramQuerySchema>
export type SkipsQuery = z.input<typeof SkipsQuerySchema>
export type SlicesQuery = z.input<typeof SlicesQuerySchema>
export type HistoryQuery = z.input<typeof HistoryQuerySchema>
export type LogsQuery = z.input<typeof LogsQuerySchema>
export type StretchesQuery = z.input<typeof StretchesQuerySchema>
export type LedgerQuery = z.input<typeof LedgerQuerySchema>
export type AuditQuery = z.input<typeof AuditQuerySchema>
export type AlertsQuery = Omit<z.input<typeof AlertsQuerySchema>, 'open'> & {
  /** Only those that nothing and nobody has cleared. */
  open?: boolean | undefined
}
export type WebhooksQuery = z.input<typeof WebhooksQuerySchema>
export type ForkOptions = z.input<typeof ForkSchema>
export type RestartOptions = z.input<typeof RestartSchema>
export type CommandOptions = z.input<typeof CommandSchema>
export type LogIn = z.input<typeof LogInSchema>

/** The options of a run's start. `Params` are those of the job, where they are known. */
export type StartOptions<Params = Record<string, unknown>> = Omit<
  z.input<typeof StartSchema>,
  'params'
> & { params?: Params | undefined }

/** The params that a job wants: `ParamsOf<typeof importOrders>`. */
export type ParamsOf<Job> = Job extends {
  readonly schema: StandardSchemaV1<unknown, infer Params> | undefined
}
  ? Params
  : never
