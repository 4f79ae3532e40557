/** Limits of one slice; at the first one it is interrupted with reason `budget`. */
export interface BudgetLimits {
  /** Wall time. The platform gives work in flight 30 s at a runtime update. @default 20_000 */
  wallMs: number
  /** @default unlimited */
  items: number
  /** D1 statements; a batch of N counts N. The platform's limit per invocation is 1,000. @default 850 */
  statements: number
  /** Effects, in bytes of JSON. @default 67_108_864 */
  bytes: number
}

export const DEFAULT_BUDGET: BudgetLimits = {
  wallMs: 20_000,
  items: Infinity,
  statements: 850,
  bytes: 64 * 1024 * 1024,
}
