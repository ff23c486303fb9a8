import { describe, expect, it } from 'vitest';
import { CLEAN } from '../../../../../test/fixtures/fake-senders.ts';
import { podOf, serviceRelease, stackObservation } from '../../../../../test/fixtures/stack-observation.ts';
import { GATE_REASONS } from '../../../../../services/shared/contracts/reasons/gates.ts';
import type { SenderEvidence, SenderStatus } from '../../../../../services/shared/contracts/statusz.ts';
import type { ObservedPod } from '../../observe/observation.ts';
import { evidenceLine, judgeSender, provesFailure } from './judge-sender.ts';

const service = serviceRelease(stackObservation(), 'execution');
const sends = { role: 'active', epoch: 2, fenceEpoch: 2, evidence: CLEAN } as const;
const pod = (sender: SenderStatus): ObservedPod => podOf(service, { sender });
const judged = (evidence: Partial<SenderEvidence>) =>
  judgeSender([pod({ ...sends, evidence: { ...CLEAN, ...evidence } })], { maxMedianMs: 2_000 })?.reason;

describe('a new sender', () => {
  it.each<[string | undefined, Partial<SenderEvidence>]>([
    [undefined, {}],
    [undefined, { acknowledged: 1 }],
    [undefined, { rejected: 2 }],
    [undefined, { failed: 2 }],
    ['OrdersRejected', { rejected: 3 }],
    ['OrdersFailed', { failed: 3 }],
    ['OrdersRejected', { rejected: 2, failed: 1 }],
    ['OrdersFailed', { rejected: 1, failed: 2 }],
    [undefined, { acknowledged: 3, rejected: 3 }],
    ['OrdersRejected', { acknowledged: 3, rejected: 4 }],
    ['OrdersFailed', { acknowledged: 99, rejected: 40, failed: 60 }],
    ['OutcomesUnknown', { unknownOrders: 1 }],
    ['OutcomesOverdue', { unknownOrders: 1, overdueOrders: 1 }],
    ['NewDrift', { newDrifts: 1, unknownOrders: 1 }],
    [undefined, { acknowledged: 4, medianMs: 9_000 }],
    ['AnswersSlow', { acknowledged: 4, rejected: 1, medianMs: 2_001 }],
    [undefined, { acknowledged: 5, medianMs: 2_000 }],
  ])('%s: %j', (reason, evidence) => {
    expect(judged(evidence)).toBe(reason);
  });

  it.each<[string, readonly ObservedPod[]]>([
    ['no pod', []],
    ['a pod that does not send', [pod({ ...sends, role: 'armed' })]],
    ['a pod that does not answer', [{ ...pod(sends), answer: { kind: 'Silent', message: 'timeout' } }]],
    ['no evidence', [pod({ ...sends, evidence: null })]],
  ])('is not proven by %s, and has not failed by it', (_what, pods) => {
    expect(judgeSender(pods, { maxMedianMs: 1 })?.reason).toBe('EvidenceMissing');
    expect(provesFailure('EvidenceMissing')).toBe(false);
  });

  it.each([
    [false, { reason: 'DatabaseSlow', message: 'm' }, 'DatabaseSlow'],
    [false, { reason: 'Halted', message: 'm' }, undefined],
    [true, { reason: 'LedgerDrift', message: 'a drift of before' }, undefined],
    [true, null, undefined],
  ])('may send: %s, with the obstacle %j', (maySend, obstacle, reason) => {
    expect(judgeSender([pod({ ...sends, maySend, obstacle })], { maxMedianMs: 1 })?.reason).toBe(reason);
  });
});

it('fails only by what cannot get better by waiting', () => {
  expect(Object.keys(GATE_REASONS).filter(provesFailure)).toEqual([
    'OrdersRejected',
    'OrdersFailed',
    'OutcomesOverdue',
    'NewDrift',
    'AnswersSlow',
  ]);
});

it('says what it has shown', () => {
  expect(evidenceLine(sends)).toBe('no order was sent: judged by its checks, outcomes and balances only');
  expect(evidenceLine({ ...sends, evidence: { ...CLEAN, failed: 1 } })).toBe(
    'orders acknowledged: 0, rejected: 0, without an answer: 1',
  );
});
