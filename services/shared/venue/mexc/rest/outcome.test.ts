import { expect, it } from 'vitest';
import type { VenueReply } from '../../../domain/orders/venue-reply.ts';
import type { HttpOutcome } from '../../http-outcome.ts';
import { replyOf } from './outcome.ts';

const answered = { written: true, status: 200, body: '{}', retryAfter: undefined, failure: undefined };

it.each<[string, Partial<HttpOutcome>, VenueReply<unknown>]>([
  [
    'a failed connection',
    { written: false, status: undefined, failure: 'ECONNREFUSED' },
    { kind: 'notSent', reason: 'ECONNREFUSED' },
  ],
  ['no answer in time', { status: undefined, failure: 'timeout' }, { kind: 'unknown', reason: 'timeout' }],
  ['a closed connection', { status: undefined, failure: 'ECONNRESET' }, { kind: 'unknown', reason: 'ECONNRESET' }],
  ['500 with a code', { status: 500, body: '{"code":700003}' }, { kind: 'unknown', reason: 'HTTP 500' }],
  ['504 without a body', { status: 504, body: '' }, { kind: 'unknown', reason: 'HTTP 504' }],
  ['a redirect', { status: 302 }, { kind: 'unknown', reason: 'HTTP 302' }],
  ['maintenance as a code', { body: '{"code":503,"msg":"x"}' }, { kind: 'unknown', reason: 'code 503' }],
  ['a venue timeout', { status: 400, body: '{"code":-1007,"msg":"x"}' }, { kind: 'unknown', reason: 'code -1007' }],
  ['a page instead of JSON', { status: 200, body: '<html>' }, { kind: 'unknown', reason: 'the answer is not JSON' }],
  ['half an answer', { status: 200, body: '{"orderId":' }, { kind: 'unknown', reason: 'the answer is not JSON' }],
  ['a JSON string', { status: 200, body: '"ok"' }, { kind: 'unknown', reason: 'the answer is not JSON' }],
  [
    'a firewall',
    { status: 403, body: '<html>' },
    { kind: 'rejected', code: 'HTTP403', message: "rejected by the venue's firewall" },
  ],
  ['4XX without a code', { status: 408, body: '{}' }, { kind: 'unknown', reason: 'HTTP 408 without a code' }],
  [
    'a code with 400',
    { status: 400, body: '{"code":700001,"msg":"no"}' },
    { kind: 'rejected', code: '700001', message: 'no' },
  ],
  ...(
    [
      ['-1121', 'Unlisted'],
      ['10007', 'Unlisted'],
      ['30014', 'Unlisted'],
      ['30021', 'Unlisted'],
      ['30000', 'Paused'],
      ['30016', 'Paused'],
      ['30020', 'NotPermitted'],
    ] as const
  ).map(([code, pair]): [string, Partial<HttpOutcome>, VenueReply<unknown>] => [
    `code ${code} of the pair`,
    { status: 400, body: `{"code":${code},"msg":"m"}` },
    { kind: 'rejected', code, message: 'm', pair },
  ]),
  ...['10101', '30004', '30005'].map((code): [string, Partial<HttpOutcome>, VenueReply<unknown>] => [
    `code ${code} for lack of funds`,
    { status: 400, body: `{"code":${code},"msg":"m"}` },
    { kind: 'rejected', code, message: 'm', lacksFunds: true },
  ]),
  [
    'a code with 200',
    { body: '{"code":"700003","msg":"Order does not exist."}' },
    { kind: 'rejected', code: '700003', message: 'Order does not exist.' },
  ],
  ['a query of an unknown order', { status: 400, body: '{"code":-2013,"msg":"no"}' }, { kind: 'notFound' }],
  ['a cancel of an unknown order', { status: 400, body: '{"code":-2011,"msg":"no"}' }, { kind: 'notFound' }],
  ['429 with seconds', { status: 429, retryAfter: '7' }, { kind: 'rateLimited', retryAfterMs: 7_000 }],
  [
    '418 with days',
    { status: 418, retryAfter: '999999999' },
    { kind: 'rateLimited', retryAfterMs: 259_200_000, banned: true },
  ],
  ['429 without Retry-After', { status: 429 }, { kind: 'rateLimited', retryAfterMs: 1_000 }],
  ['429 with zero', { status: 429, retryAfter: '0' }, { kind: 'rateLimited', retryAfterMs: 1_000 }],
  ['429 with garbage', { status: 429, retryAfter: 'soon' }, { kind: 'rateLimited', retryAfterMs: 1_000 }],
  ['429 as a code', { status: 400, body: '{"code":429}' }, { kind: 'rateLimited', retryAfterMs: 1_000 }],
  ['code 0', { body: '{"code":0,"a":1}' }, { kind: 'ok', value: { code: 0, a: 1 } }],
  ['code 200', { body: '{"code":200}' }, { kind: 'ok', value: { code: 200 } }],
  ['a list', { body: '[]' }, { kind: 'ok', value: [] }],
])('interprets %s', (_title, outcome, reply) => {
  expect(replyOf({ ...answered, ...outcome })).toEqual(reply);
});
