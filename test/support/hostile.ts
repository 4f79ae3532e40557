/** What people send who mean no good, for a place where a text is expected. */
export const HOSTILE_TEXTS: readonly string[] = [
  "'; DROP TABLE dogear_runs; --",
  "' OR '1'='1",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '../../../etc/passwd',
  '..%2f..%2fshop%2fclean',
  '/etc/passwd',
  'a\r\nSet-Cookie: stolen=1',
  'nul\0byte',
  '__proto__',
  'constructor',
  '%00',
  '%',
  '${7*7}{{7*7}}',
  '\u202e💣\ud800'.slice(0, 3),
  'x'.repeat(5_000),
]

/** The same for a place where any JSON may be sent. */
export const HOSTILE_VALUES: readonly unknown[] = [
  ...HOSTILE_TEXTS,
  null,
  true,
  -1,
  0.5,
  1e308,
  [],
  {},
  [[[[[[]]]]]],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
]
