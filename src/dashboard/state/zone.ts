import type { Zone } from '../words/times.ts'
import { Choice } from './choice.ts'

/** The clock that the whole page shows times by. */
export const zone = new Choice<Zone>('dogear-zone', ['local', 'utc'])

export const useZone = (): Zone => zone.use()
