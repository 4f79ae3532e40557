/**
 * The object's alarm. One that rings early is harmless: it looks, and is armed again. So a later time
 * costs no write.
 */
export class Alarm {
  readonly #storage: DurableObjectStorage
  #armedFor: number | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** A fired alarm is used up. */
  fired(): void {
    this.#armedFor = undefined
  }

  /** Lets it ring at that time, or not at all. */
  async arm(at: number | null, now: number): Promise<void> {
    if (at === null) {
      this.#armedFor = undefined
      await this.#storage.deleteAlarm()
    } else if (this.#armedFor === undefined || this.#armedFor > at || this.#armedFor <= now) {
      this.#armedFor = at
      try {
        await this.#storage.setAlarm(at)
      } catch (error) {
        // What the storage has refused must be tried again.
        this.#armedFor = undefined
        throw error
      }
    }
  }
}
