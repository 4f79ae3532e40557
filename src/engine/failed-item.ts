/** An item that a run has failed at: the step that walks, and the item's cursor as JSON. */
export interface FailedItem {
  step: string
  cursor: string
  /**
   * Names the item, to ask for it to be passed over: the steps and cursors on the way to it, then its own cursor.
   * Missing where it would show what is sensitive, or be too long.
   */
  place?: string
  /** Of a batch: how many items it holds. */
  items?: number
}
