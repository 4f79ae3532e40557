import { useState } from 'hono/jsx/dom'

/** Copies a text where the browser lets it. */
export function Copy({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  // Browsers offer it to secure origins alone.
  if (!('clipboard' in navigator)) return null
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <button type="button" class="link" onClick={() => void copy().catch(() => undefined)}>
      {copied ? 'copied' : 'copy'}
    </button>
  )
}
