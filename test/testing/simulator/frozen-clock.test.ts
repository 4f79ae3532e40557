import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { simulate, Simulator, TestClock } from '../../../src/testing/index.ts'

describe('a frozen clock', () => {
  it('stands still while code runs, and goes on when D1 answers', async () => {
    let machine = 1_000
    const running = { now: () => machine, wait: async (ms: number) => void (machine += ms) }
    const { env: simulated, clock } = simulate(env, { frozen: true, d1: 10 }, running)
    machine += 5_000
    await Promise.resolve()
    expect(clock.now()).toBe(1_000)
    await simulated.DB.prepare('SELECT 1').all()
    expect(clock.now()).toBe(6_010)
  })

  it('goes on when a Durable Object or R2 answers, and when a timer of its own rings', async () => {
    const clock = new TestClock()
    const { env: simulated, clock: frozen } = simulate(
      env,
      { frozen: true, object: 10, r2: 10 },
      clock,
    )
    const startedAt = frozen.now()
    await simulated.RUNS.getByName('0'.repeat(32)).describe()
    expect(frozen.now() - startedAt).toBe(10)
    await simulated.FILES.head('nothing')
    expect(frozen.now() - startedAt).toBe(20)
    const rung = frozen.wait(500)
    await clock.advance(499)
    expect(frozen.now() - startedAt).toBe(20)
    await clock.advance(201)
    await rung
    expect(frozen.now() - startedAt).toBe(720)
  })

  it('stands still in each invocation by itself', async () => {
    const clock = new TestClock()
    const simulator = new Simulator({ frozen: true }, clock)
    const [one, other] = [simulator.invocation(env), simulator.invocation(env)]
    const startedAt = clock.now()
    await clock.advance(100)
    await one.env.DB.prepare('SELECT 1').all()
    expect(one.clock.now() - startedAt).toBe(100)
    expect(other.clock.now() - startedAt).toBe(0)
  })
})
