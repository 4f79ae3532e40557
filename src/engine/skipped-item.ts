import type { RunError } from './errors.ts'

/** An item that was recorded as failed and passed over. */
export interface SkippedItem {
  step: string
  cursor: unknown
  error: RunError
  attempts: number
  skippedAt: string
  /** Who has asked for it; missing where it was the job's own tolerance. */
  by?: string
}
