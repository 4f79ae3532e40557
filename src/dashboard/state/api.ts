import { Client, type JobInfo } from '../../client/index.ts'
import { base } from './base.ts'
import { fetchSeen } from './seen.ts'

export { ApiError as Problem } from '../../client/index.ts'
export type {
  Alert,
  AuditEntry,
  Commit,
  HistoryPage,
  Delivery,
  ErrorGroup,
  ErrorGroupDetails,
  ErrorGroupPage,
  JobDetails,
  JobInfo,
  JobRun,
  Lane,
  NestedSteps,
  Overview,
  Run,
  RunFilter,
  RunHistogram,
  RunsQuery,
  RunTotals,
  Schedule,
  Session,
  Skip,
  SkipGroups,
  Slice,
  LeftOut,
  LogLine,
  LogPage,
  StartOptions,
  Stretch,
  StretchList,
  Verification,
  Webhooks as WebhookPage,
} from '../../client/index.ts'

/** A field of a params schema, as far as a form can be made of it. */
export type ParamSchema = NonNullable<NonNullable<JobInfo['params']>['properties']>[string]

/** The API that the page belongs to; the browser sends the session along. */
export const client = new Client(base, { fetch: fetchSeen })
