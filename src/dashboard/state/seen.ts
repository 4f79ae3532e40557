import { within } from './base.ts'

/**
 * Characters that turn the direction of writing, or hide within a word. Not those that join emoji and
 * letters: they are part of how these are written.
 */
const UNSEEN = /[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** JSON whose texts have these written out, so that people see that they are there. */
export function seenJson(json: string): string {
  return json.replace(
    UNSEEN,
    (char) => String.raw`\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The paths where the Worker's own code speaks, and forms send back what it says. */
const OWN = /^\/(api\/jobs|openapi\.json)\b/

/** Asks the Worker; nothing in the answer turns a line of the page around. */
export async function fetchSeen(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init)
  const isText = /json|event-stream/.test(answer.headers.get('content-type') ?? '')
  if (!answer.body || !isText || OWN.test(within(url) ?? url)) return answer
  const seen = new TransformStream<string, string>({
    transform: (text, controller) => controller.enqueue(seenJson(text)),
  })
  const body = answer.body
    // A cast: the two halves of a decoder disagree about whose bytes they take.
    .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    .pipeThrough(seen)
    .pipeThrough(new TextEncoderStream())
  return new Response(body, answer)
}
