import { consumerOf } from '../wiring.ts'
import type { Consumer, WorkerConfig } from '../worker-config.ts'
import { oneLine } from '../merge-jsonc.ts'
import { advice, fine, type Finding, wrong } from './check.ts'
import type { Expected } from './expected.ts'

/** What the platform takes where a consumer does not say it. */
const DEFAULT_TIMEOUT_S = 5

/** The queue that the code sends to. Without one each run works from its own object. */
export function checkQueue(
  config: WorkerConfig,
  { queue, needsQueue }: Expected,
): Finding | undefined {
  const producers = config.queues?.producers ?? []
  if (queue === undefined) return undefined
  const own = producers.find(({ binding }) => binding === queue)
  if (own) return fine(`${queue}, queue ${own.queue}`)
  if (!needsQueue) return fine('none: each run works from its own object')
  const others = producers.map(({ binding }) => binding).join(', ')
  return wrong(
    `createDogear looks for the queue ${queue}; there is ${others || 'none'}`,
    `add { "binding": "${queue}", "queue": "..." } to queues.producers, or leave queue out of createDogear`,
  )
}

/** The name of the queue that this Worker sends to; undefined when it sends to none. */
export function queueOf({ queues }: WorkerConfig, { queue }: Expected): string | undefined {
  return queues?.producers?.find(({ binding }) => binding === queue)?.queue
}

/** This Worker takes the messages that it sends. Which other queues it takes from is the host's own business. */
export function checkConsumer(config: WorkerConfig, expected: Expected): Finding | undefined {
  const queue = queueOf(config, expected)
  if (queue === undefined) return undefined
  if (consumerFor(config, queue)) return fine(`takes from ${queue}`)
  return wrong(
    `nobody takes the messages of ${queue}, so runs stay queued`,
    `add ${oneLine(consumerOf(queue))} to queues.consumers, or type: npx dogear init`,
  )
}

/** A slice begins when its message comes, not when a batch is full. */
export function checkTiming(config: WorkerConfig, expected: Expected): Finding | undefined {
  const consumer = consumerFor(config, queueOf(config, expected))
  if (consumer === undefined) return undefined
  const { max_batch_timeout: seconds = DEFAULT_TIMEOUT_S, queue } = consumer
  if (seconds === 0) return fine('no wait')
  return advice(
    `the consumer of ${queue} waits up to ${seconds} s for more messages, before every slice`,
    `"max_batch_timeout": 0`,
  )
}

function consumerFor({ queues }: WorkerConfig, queue: string | undefined): Consumer | undefined {
  return queues?.consumers?.find((consumer) => consumer.queue === queue)
}
