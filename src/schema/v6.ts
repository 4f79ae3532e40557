/** Version 6: a person may ask for an item to be passed over. */
export const PASSED_BY: readonly string[] = [
  // Who has asked for it; NULL where it was the job's own tolerance.
  `ALTER TABLE dogear_skips ADD COLUMN passed_by TEXT`,
]
