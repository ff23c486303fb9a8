import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leakedSecrets } from './leaked-secrets.ts';

const SECRET = { name: 'platform-risk/postgres-password', value: 'p4ss/w"rd+of risk' };
const { value } = SECRET;
const leaksOf = (text: string, secrets = [SECRET]) => leakedSecrets([{ source: 'risk', text }], secrets);

describe('a secret is found', () => {
  it.each([
    ['as it is', `login failed for risk:${value}`],
    ['in a line of JSON', JSON.stringify({ err: { message: value } })],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ password: value }) })],
    ['in an address', `http://venue/api?key=${encodeURIComponent(value)}`],
    ['in a printed buffer', inspect(Buffer.from(value))],
    ['in a buffer as JSON', JSON.stringify(Buffer.from(value))],
    ['in hexadecimal', Buffer.from(value).toString('hex')],
  ])('%s', (_how, text) => {
    expect(leaksOf(`fine\n${text}\nfine`)).toEqual([
      expect.stringMatching(/^risk, line 2: platform-risk\/postgres-password: /),
    ]);
  });

  it('in Base64 wherever it begins, as in a header with the user before it', () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const text = Buffer.concat([before, Buffer.from(value), after]).toString('base64');
        expect(leaksOf(text)).toHaveLength(1);
      }),
    );
  });
});

it.each([
  ['a signature', 'GET /api/v3/account?timestamp=1&signature=0123456789abcdef0123456789abcdef'],
  ['a signature', '{"params":{"signature":"0123456789abcdef0123456789abcdef"}}'],
  ['an address with a password', 'connect to postgres://risk:hunter2@postgres:5432/trading'],
  ['an address with a password', 'connect to redis://:hunter2@redis:6379'],
  ['a listen key', 'connecting to ws://venue/ws?listenKey=pqia91ma19a5s61cv6a81va65sdf19v8'],
])('finds %s of which the value is unknown', (what, line) => {
  expect(leaksOf(line, [])).toEqual([expect.stringContaining(`risk, line 1: ${what}: `)]);
  expect(leaksOf(line, []).join('\n')).not.toMatch(/0123456789|hunter2|pqia91ma/);
});

it('finds nothing in an ordinary log', () => {
  const lines = [
    '{"level":"info","msg":"started","port":8003,"release":"0123456789abcdef0123456789abcdef"}',
    '{"level":"warn","host":"redis","port":6379,"msg":"connection failed","time":"2026-01-02T03:04:05.678Z"}',
    'http_requests_total{path="http://venue:8085/api/v3/order"} 3',
    '{"signature":"[redacted]","err":{"message":"Signature for this request is not valid."}}',
  ];
  expect(leaksOf(lines.join('\n'))).toEqual([]);
});

it('repeats no secret in what it reports, whichever one it found', () => {
  const other = { name: 'venue', value: 'another-secret' };
  const [leak = ''] = leaksOf(`${value} and another-secret`, [SECRET, other]);
  expect(leak).toBe('risk, line 1: platform-risk/postgres-password, venue: *** and ***');
});

it('refuses to look for a value that would occur by chance', () => {
  expect(() => leaksOf('', [{ name: 'short', value: 'test' }])).toThrow('the secret short has 4 characters');
});
