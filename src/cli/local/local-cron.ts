const EVERY_MS = 60_000

/**
 * `wrangler dev` never fires a cron trigger by itself: this rings it once a minute, as the platform does.
 * Does not keep the process alive.
 */
export function ringCron(url: string): void {
  const ring = () => {
    // A Worker that is just being reloaded misses a minute; the next one makes up for it.
    fetch(`${url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('* * * * *')}`).catch(
      () => undefined,
    )
  }
  setInterval(ring, EVERY_MS).unref()
}
