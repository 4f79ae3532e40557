import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what Linux, macOS and Windows give to outgoing connections (from 32768 on). */
const PORTS = { from: 20_000, count: 12_000 }

/**
 * A port of the loopback address that nobody listens on just now. It is not one that the system
 * hands out by itself: some connection could take that one before the Worker does, or while it
 * restarts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + randomInt(PORTS.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolveFree, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolveFree(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolveFree(true)))
  })
}
