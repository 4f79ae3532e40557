/**
 * Tools to test jobs with: what a network does wrong, done on purpose.
 *
 * @module
 */
export { FaultyDatabase, NETWORK_ERROR } from './faulty-database.ts'
export type { D1Call, Fault, FaultPlan } from './faulty-database.ts'
