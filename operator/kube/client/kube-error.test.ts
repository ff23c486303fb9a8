import { expect, it } from 'vitest';
import { KubeError, errorFromStatus, isTransient } from './kube-error.ts';

it.each([
  ['no answer', new KubeError('Unavailable', 'x'), true],
  ['our deadline', new KubeError('Timeout', 'x'), true],
  ['429', errorFromStatus(429, { reason: 'TooManyRequests' }), true],
  ['429 without a body', errorFromStatus(429, {}), true],
  ['502', errorFromStatus(502, {}), true],
  ['503', errorFromStatus(503, { reason: 'ServiceUnavailable' }), true],
  ['504', errorFromStatus(504, {}), true],
  ['500 with reason ServerTimeout', errorFromStatus(500, { reason: 'ServerTimeout' }), true],
  ['500, such as a broken webhook', errorFromStatus(500, { reason: 'InternalError' }), false],
  ['403, such as a quota', errorFromStatus(403, { reason: 'Forbidden' }), false],
  ['422', errorFromStatus(422, { reason: 'Invalid' }), false],
  ['a conflict', errorFromStatus(409, { reason: 'Conflict' }), false],
  ['a lost lease', new KubeError('NotLeader', 'x'), false],
  ['an abort', new KubeError('Aborted', 'x'), false],
  ['another error', new Error('Timeout'), false],
])('reports for %s whether the same request may succeed later', (_what, error, expected) => {
  expect(isTransient(error)).toBe(expected);
});

it.each([
  ['a header', {}, '3600', 60_000],
  ['a status', { details: { retryAfterSeconds: 3_600 } }, undefined, 60_000],
  ['a header with less', {}, '59', 59_000],
])('asks to wait for at most a minute, whatever %s says', (_what, body, header, expected) => {
  expect(errorFromStatus(429, body, header).retryAfterMs).toBe(expected);
});
