/**
 * The time of commits: the trade of checkpoint frequency against overhead. Whichever limit is reached
 * first makes the next checkpoint a commit. The next items are worked on while a commit is under way, unless
 * `everyItems` is 1; when it fails, they are handled again with its own.
 */
export interface CommitPolicy {
  /**
   * Commit after this many items; 1 makes each item durable before the next begins. Without it the size is
   * learned from what commits cost, up to 10,000. @default adaptive
   */
  everyItems?: number
  /**
   * Commit when this much time has passed since the last commit. No more work than that is at stake while a
   * commit is under way: where it takes longer, the next items wait. @default 500
   */
  everyMs?: number
}
