export { findRuns, findPlaces, type Sought } from './find.ts'
export { placeOf } from './keys.ts'
export { runsOverTime } from './over-time.ts'
export { breakDownRuns, countRuns } from './totals.ts'
