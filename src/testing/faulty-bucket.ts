import { Random, type SeededFaults } from './random.ts'

/**
 * The fate of one call to R2:
 * - `network_error`: it throws, and nothing has happened.
 * - `lost_answer`: it happens, and the caller gets a network error.
 * - `truncated`: of an object that is read, only the first half of the bytes arrives, and no error.
 * - `broken_off`: the first half of the bytes arrives, then the body fails.
 * - `slow`: the answer takes `slowMs`.
 */
export type BucketFault = 'network_error' | 'lost_answer' | 'truncated' | 'broken_off' | 'slow'

/** One call to R2: its method, the key it names, and its number from 1. */
export interface BucketCall {
  number: number
  method: string
  key: string | undefined
}

export type BucketFaultPlan = (call: BucketCall) => BucketFault | undefined

export const R2_ERROR = 'We encountered an internal error. Please try again. (10001)'

/** An R2 binding whose network fails as planned. Multipart uploads, once begun, are the real ones. */
export class FaultyBucket {
  readonly binding: R2Bucket

  /** Faults that follow from a seed: by default a tenth of the calls fail or break off. */
  static seeded(
    bucket: R2Bucket,
    { seed, rate = 0.1, faults = ['network_error', 'broken_off'] }: SeededFaults<BucketFault>,
    options: { slowMs?: number } = {},
  ): FaultyBucket {
    const random = new Random(seed)
    return new FaultyBucket(
      bucket,
      () => (random.chance(rate) ? random.pick(faults) : undefined),
      options,
    )
  }

  /** `slowMs` is real time: R2 knows no test clock. @default 100 */
  constructor(bucket: R2Bucket, plan: BucketFaultPlan, { slowMs = 100 }: { slowMs?: number } = {}) {
    let calls = 0
    this.binding = new Proxy(bucket, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          const work = async (): Promise<unknown> => Reflect.apply(value, target, args)
          const key = typeof args[0] === 'string' ? args[0] : undefined
          const method = String(property)
          const fault = plan({ number: ++calls, method, key })
          switch (fault) {
            case undefined:
              return work()
            case 'network_error':
              break
            case 'lost_answer':
              await work()
              break
            case 'slow':
              await scheduler.wait(slowMs)
              return work()
            case 'truncated':
            case 'broken_off':
              return halved(await work(), fault)
          }
          throw new Error(`${method}: ${R2_ERROR}`)
        }
      },
    })
  }
}

/** The object with half a body; what has no body stays as it is. */
async function halved(answer: unknown, fault: 'truncated' | 'broken_off'): Promise<unknown> {
  if (typeof answer !== 'object' || answer === null || !('body' in answer)) return answer
  const object = answer as R2ObjectBody
  const whole = new Uint8Array(await object.arrayBuffer())
  const half = whole.subarray(0, Math.floor(whole.byteLength / 2))
  let given = false
  const response = new Response(
    new ReadableStream({
      pull(controller) {
        if (!given && half.byteLength > 0) controller.enqueue(half)
        else if (fault === 'truncated') controller.close()
        else controller.error(new Error('Network connection lost.'))
        given = true
      },
    }),
  )
  return new Proxy(object, {
    get: (target, property) => {
      const source: object = BODY.has(property) ? response : target
      const value: unknown = Reflect.get(source, property)
      return typeof value === 'function' ? value.bind(source) : value
    },
  })
}

const BODY = new Set<string | symbol>([
  'body',
  'bodyUsed',
  'arrayBuffer',
  'text',
  'json',
  'blob',
  'bytes',
])
