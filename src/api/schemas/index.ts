/**
 * Schemas for routes that a Worker adds to the API, and for the types of its client: they validate, document
 * and name its JSON as the API's own do, and import no route.
 *
 * @module
 */
export { digits } from './digits.ts'
export { count, json, problems, RunSchema, time } from './runs.ts'
