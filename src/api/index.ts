/**
 * The HTTP API: its app, and what routes that a Worker adds to it are made of, so that they answer,
 * refuse and are documented as its own do.
 *
 * @module
 */
export { api, type ApiOptions } from './app.ts'
export type { ApiAddition } from './addition.ts'
export { router, type ApiEnv } from './router.ts'
export { notFound, ProblemError } from './problem.ts'
