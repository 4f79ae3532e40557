import { intercepted } from './bindings.ts'
import type { Call } from './distant-objects.ts'

/** An R2 bucket that is some way off. The bytes of a body come as they come, once its object is there. */
export function distantBucket<T extends object>(bucket: T, call: Call): T {
  return intercepted(bucket, (name, work) => {
    if (name === 'resumeMultipartUpload') return distantUpload(work() as object, call)
    const answer = call(async () => work())
    return name === 'createMultipartUpload'
      ? answer.then((upload) => distantUpload(upload as object, call))
      : answer
  })
}

function distantUpload(upload: object, call: Call): object {
  return intercepted(upload, (_name, work) => call(async () => work()))
}
