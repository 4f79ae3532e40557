/** Jobs of the shop that the bench's runs are said to be of. */
export const RUN_JOBS = [
  'process-orders',
  'process-orders-iteration',
  'generate-reports',
  'generate-reports-iteration',
  'batch-emails',
  'batch-emails-iteration',
  'import-orders',
]
