/**
 * A typed client of Dogear's API, for scripts, servers and pages. Runs wherever there is `fetch`.
 *
 * @module
 */
export { ApiError, type ProblemDocument } from './api-error.ts'
export { Client } from './client.ts'
export { path, Requests, search, type StartCallOptions } from './requests.ts'
export type { CallOptions, ClientOptions } from './connection.ts'
export type { RunNews, WatchOptions } from './run-news.ts'
export { COMMANDS, isEnded, STATUSES } from '../engine/run.ts'
export type * from './types.ts'
