import { Random, type SeededFaults } from './random.ts'

/**
 * The fate of one message:
 * - `lost`: it is taken and never delivered.
 * - `doubled`: it is delivered twice.
 * - `late`: it is delivered when `land()` is called, behind whatever was sent meanwhile.
 * - `reordered`: it is delivered before those that were sent before it.
 * - `refused`: sending it throws.
 * - `lost_answer`: it is delivered, and sending it throws.
 */
export type QueueFault = 'lost' | 'doubled' | 'late' | 'reordered' | 'refused' | 'lost_answer'

const SEND_FAILED = 'Queue send failed: Network connection lost.'

/** Decides what goes wrong with a message, by its number from 1; undefined delivers it in order, once. */
export type QueueFaultPlan<Body> = (message: {
  number: number
  body: Body
}) => QueueFault | undefined

/**
 * A queue that delivers when a test asks it to, and fails as planned. Without a plan it is a good one:
 * in order, each message once.
 */
export class FaultyQueue<Body> {
  /** The queue that a Worker sends to. `delaySeconds` is not looked at: who receives decides when. */
  readonly binding: Pick<Queue<Body>, 'send' | 'sendBatch'>
  readonly #plan: QueueFaultPlan<Body>
  #waiting: Body[] = []
  #late: Body[] = []
  #sent = 0

  /** Faults that follow from a seed: by default each tenth message is lost, doubled, late or reordered. */
  static seeded<Body>({
    seed,
    rate = 0.1,
    faults = ['lost', 'doubled', 'late', 'reordered'],
  }: SeededFaults<QueueFault>): FaultyQueue<Body> {
    const random = new Random(seed)
    return new FaultyQueue(() => (random.chance(rate) ? random.pick(faults) : undefined))
  }

  constructor(plan: QueueFaultPlan<Body> = () => undefined) {
    this.#plan = plan
    const send = async (body: Body): Promise<QueueSendResponse> => {
      this.#accept(body)
      return { metadata: { metrics: { backlogCount: this.#waiting.length, backlogBytes: 0 } } }
    }
    this.binding = {
      send,
      sendBatch: async (messages) => {
        for (const { body } of messages) this.#accept(body)
        return { metadata: { metrics: { backlogCount: this.#waiting.length, backlogBytes: 0 } } }
      },
    }
  }

  /** Takes the next message that `matches`; undefined when there is none. */
  receive(matches: (body: Body) => boolean = () => true): Body | undefined {
    const index = this.#waiting.findIndex(matches)
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0]
  }

  /** Lets late messages arrive now. */
  land(): void {
    this.#waiting.push(...this.#late)
    this.#late = []
  }

  #accept(body: Body): void {
    this.#sent += 1
    switch (this.#plan({ number: this.#sent, body })) {
      case undefined:
        this.#waiting.push(body)
        break
      case 'lost':
        break
      case 'doubled':
        this.#waiting.push(body, body)
        break
      case 'late':
        this.#late.push(body)
        break
      case 'reordered':
        this.#waiting.unshift(body)
        break
      case 'lost_answer':
        this.#waiting.push(body)
        throw new Error(SEND_FAILED)
      case 'refused':
        throw new Error(SEND_FAILED)
    }
  }
}
