/**
 * The time of commits: the trade of checkpoint frequency against overhead. Whichever limit is reached
 * first makes the next checkpoint a commit.
 */
export interface CommitPolicy {
  /** Commit after this many items; 1 makes each item durable. @default adaptive */
  everyItems?: number
  /** Commit when this much time has passed since the last commit. @default 500 */
  everyMs?: number
}
