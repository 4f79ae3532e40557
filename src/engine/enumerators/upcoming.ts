/** A page that is being read. */
export class Upcoming<T> {
  readonly page: Promise<T>
  isThere = false

  constructor(page: Promise<T>) {
    this.page = page
    // Also: a page nobody came to wait for must not end the process when it fails.
    const arrived = () => {
      this.isThere = true
    }
    page.then(arrived, arrived)
  }
}
