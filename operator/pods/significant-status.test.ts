import { expect, it } from 'vitest';
import type { Statusz } from '../../services/shared/contracts/statusz.ts';
import { significantStatus } from './significant-status.ts';

const evidence = {
  acknowledged: 4,
  rejected: 0,
  failed: 0,
  medianMs: 40,
  unknownOrders: 0,
  overdueOrders: 0,
  newDrifts: 0,
};
const sender = {
  role: 'active',
  fenceEpoch: 3,
  epoch: 3,
  maySend: true,
  obstacle: { reason: 'FeedStale', message: 'no book for 100 ms' },
  permitAgeMs: 40,
  openOrders: { count: 2, ageMs: 900 },
  firstSentMs: 500,
  lastSentMs: 700,
  evidence,
} as const;
const halt = { source: 'spec', state: 'Halted', author: 'a', reason: 'r', revision: 1, sinceMs: 5 } as const;
const check = { name: 'feed', ok: false, reason: 'FeedStale', message: 'no book for 100 ms' };
const statusz: Statusz = {
  service: 'execution',
  release: 'abc',
  incarnation: 'a',
  startedAt: '2026-01-01T00:00:00.000Z',
  ready: true,
  checks: [check],
  figures: { lagMs: 3 },
  sender,
  trading: { state: 'Halted', sources: [halt], persisted: false },
};

it.each<[string, Partial<Statusz>]>([
  ['figures', { figures: { lagMs: 4 } }],
  ['exits, which change with each attempt', { exits: { openPositions: 1, dustPositions: 0, positions: [] } }],
  ['the message of a check, which may contain an age', { checks: [{ ...check, message: 'no book for 200 ms' }] }],
  ['the age of the permit', { sender: { ...sender, permitAgeMs: 140 } }],
  ['the age of the open orders', { sender: { ...sender, openOrders: { count: 2, ageMs: 1_900 } } }],
  ['how many orders are open', { sender: { ...sender, openOrders: { count: 1, ageMs: 900 } } }],
  ['the time of the last order', { sender: { ...sender, lastSentMs: 900 } }],
  ['orders that go well', { sender: { ...sender, evidence: { ...evidence, acknowledged: 5, medianMs: 41 } } }],
  ['the message of the obstacle', { sender: { ...sender, obstacle: { reason: 'FeedStale', message: '200 ms' } } }],
])('ignores %s', (_what, change) => {
  expect(significantStatus({ ...statusz, ...change })).toBe(significantStatus(statusz));
});

it.each<[string, Partial<Statusz>]>([
  ['the release', { release: 'def' }],
  ['a restart of the process', { incarnation: 'b' }],
  ['readiness', { ready: false }],
  ['a check that passes', { checks: [{ ...check, ok: true }] }],
  ['the reason of a check', { checks: [{ ...check, reason: 'SequenceGap' }] }],
  ['a check that is gone', { checks: [] }],
  ['the role of the sender', { sender: { ...sender, role: 'fenced' } }],
  ['the epoch of the sender', { sender: { ...sender, epoch: 4 } }],
  ['the epoch of the fence', { sender: { ...sender, fenceEpoch: 4 } }],
  ['whether the sender may send', { sender: { ...sender, maySend: false } }],
  ['the end of an obstacle', { sender: { ...sender, obstacle: null } }],
  ['the reason of the obstacle', { sender: { ...sender, obstacle: { ...sender.obstacle, reason: 'Halted' } } }],
  ['the loss of the permit', { sender: { ...sender, permitAgeMs: null } }],
  ['the first order', { sender: { ...sender, firstSentMs: null } }],
  ['an unknown outcome', { sender: { ...sender, evidence: { ...evidence, unknownOrders: 1 } } }],
  ['an outcome that stays unknown', { sender: { ...sender, evidence: { ...evidence, overdueOrders: 1 } } }],
  ['a new drift', { sender: { ...sender, evidence: { ...evidence, newDrifts: 1 } } }],
  ['that there is no evidence', { sender: { ...sender, evidence: null } }],
  ['that no order is open', { sender: { ...sender, openOrders: { count: 0, ageMs: 900 } } }],
  ['open orders that are unknown', { sender: { ...sender, openOrders: null } }],
  ['the trading state', { trading: { state: 'Active', sources: [], persisted: false } }],
  ['the persistence of the trading state', { trading: { state: 'Halted', sources: [halt], persisted: true } }],
  ['the reason of a source', { trading: { state: 'Halted', sources: [{ ...halt, reason: 'q' }], persisted: false } }],
])('contains %s', (_what, change) => {
  expect(significantStatus({ ...statusz, ...change })).not.toBe(significantStatus(statusz));
});
