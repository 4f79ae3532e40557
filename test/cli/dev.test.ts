import { describe, expect, it } from 'vitest'
import { devStart, type DevConfig } from '../../src/cli/local/dev-address.ts'

const start = (args: string[], config: DevConfig = { ip: 'localhost' }) =>
  devStart(args, () => config)

describe('S2 npm run dev', () => {
  it.each<[args: string[], config: DevConfig, ip: string]>([
    [[], {}, '127.0.0.1'],
    [[], { ip: 'localhost' }, 'localhost'],
    [['--ip', '127.0.0.1'], { ip: '0.0.0.0' }, '127.0.0.1'],
    [['--ip=::1', '--port', '9000'], {}, '::1'],
    [['--ip', '0.0.0.0', '--ip', 'localhost'], {}, 'localhost'],
  ])('gives everybody at a loopback name access with %j and %j', (args, config, ip) => {
    const { vars, ...started } = start(args, config)
    expect(started.ip).toBe(ip)
    expect(vars).toHaveProperty('DEV_ACCESS', 'loopback')
  })

  it.each<[args: string[], config: DevConfig]>([
    [[], { ip: '0.0.0.0' }],
    [[], { ip: '*' }],
    [[], { ip: '192.168.0.7' }],
    [['--ip', '0.0.0.0'], {}],
    [['--ip=::'], {}],
    [['--ip', 'localhost', '--ip', '0.0.0.0'], {}],
    [['--remote'], {}],
    [['-r'], {}],
    [['--tunnel'], {}],
    [['--local-upstream', 'localhost'], {}],
    [['--host=localhost'], {}],
    [[], { ip: 'localhost', host: 'localhost' }],
  ])('gives nobody access with %j and %j', (args, config) => {
    expect(start(args, config).vars).not.toHaveProperty('DEV_ACCESS')
  })

  it('says the address once, as it was judged, and hands the other flags on', () => {
    const args = [
      '--ip',
      '0.0.0.0',
      '--port',
      '9000',
      '--ip=127.0.0.1',
      '--persist-to',
      'x',
      '-c',
      'y',
    ]
    expect(start(args)).toMatchObject({
      ip: '127.0.0.1',
      port: 9_000,
      persistTo: 'x',
      config: 'y',
      flags: ['--port', '9000', '--persist-to', 'x', '-c', 'y'],
    })
    expect(start([], { port: 9_001 }).port).toBe(9_001)
  })

  it.each([['--simulate', 'd1=30,frozen'], ['--simulate=d1=30,frozen']])(
    'tells the Worker what to simulate, and wrangler nothing of it',
    (...args) => {
      const { vars, flags } = start([...args, '--port', '9000'])
      expect(vars).toMatchObject({ SIMULATE: 'd1=30,frozen', DEV_ACCESS: 'loopback' })
      expect(flags).toEqual(['--port', '9000'])
    },
  )

  it('simulates nothing that it is not asked for', () => {
    expect(start([]).vars).not.toHaveProperty('SIMULATE')
  })

  it.each([[['--simulate', 'd1=far']], [['--simulate=']], [['--simulate']]])(
    'refuses to simulate %j',
    (args) => {
      expect(() => start(args)).toThrow(expect.objectContaining({ code: 'invalid_settings' }))
    },
  )
})
