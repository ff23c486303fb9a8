import { expect, it } from 'vitest';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { observationOfPlace } from './classify-reply.ts';
import type { Observation } from './observation.ts';

const UNKNOWN = { kind: 'OutcomeUnknown', atMs: 7 } as const;

it.each<[string, VenueReply<{ readonly venueOrderId: string }>, Observation]>([
  ['ok', { kind: 'ok', value: { venueOrderId: 'v1' } }, { kind: 'Accepted', venueOrderId: 'v1' }],
  ['a refusal', { kind: 'rejected', code: '30004', message: '' }, { kind: 'Refused', code: '30004' }],
  ['a rate limit', { kind: 'rateLimited', retryAfterMs: 1_000 }, { kind: 'Refused', code: 'RateLimited' }],
  ['no request', { kind: 'notSent', reason: 'PermitExpired' }, { kind: 'NotSent', reason: 'PermitExpired' }],
  ['no usable answer', { kind: 'unknown', reason: 'HTTP 502' }, UNKNOWN],
  ['no such order, which does not answer a POST', { kind: 'notFound' }, UNKNOWN],
])('concludes from %s no more than the venue says', (_what, reply, observation) => {
  expect(observationOfPlace(reply, 7)).toEqual(observation);
});
