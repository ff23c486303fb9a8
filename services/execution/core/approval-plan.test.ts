import { expect, it } from 'vitest';
import { planApproval, type ApprovalFacts, type ApprovalStep } from './approval-plan.ts';

/** A fresh approval from the stream, decided at 10,000, that expires at 20,000. */
const FRESH: ApprovalFacts = {
  nowMs: 10_000,
  deadlineMs: 20_000,
  restsUntilMs: 20_000,
  decidedAtMs: 10_000,
  swept: false,
  sent: false,
  predatesGrant: false,
  followsGrant: false,
  recordWentBack: false,
  answer: undefined,
  absenceIsFinal: true,
};
const SWEPT = { swept: true };
const OURS = { swept: true, followsGrant: true };
const OLD = { predatesGrant: true };
const LOST = { predatesGrant: true, recordWentBack: true };
const ABSENT = { answer: 'Absent' } as const;
const SILENT = { answer: 'NoAnswer' } as const;
const EXPIRED = { nowMs: 20_001 };
const NOT_FINAL = { absenceIsFinal: false };
const [ASK, ADOPT, SEND, HOLD] = (['Ask', 'Adopt', 'Send', 'Hold'] as const).map((kind): ApprovalStep => ({ kind }));
const end = (reason: 'Expired' | 'NeverArrived' | 'RecordWentBack'): ApprovalStep => ({ kind: 'End', reason });

it.each<[string, Partial<ApprovalFacts>, ApprovalStep | undefined]>([
  ['sends a fresh approval from the stream without a query', {}, SEND],
  ['does so at the bound of one second', { nowMs: 11_000 }, SEND],
  ['asks for an older decision', { nowMs: 11_001 }, ASK],
  ['asks for one that a clock far ahead has stamped', { nowMs: 8_999 }, ASK],
  ['asks for one that the sweep found', SWEPT, ASK],
  ['asks for one that predates the grant', OLD, ASK],
  ['asks for one that this process has sent', { sent: true }, ASK],
  ['asks for one that has just expired', { ...SWEPT, ...EXPIRED }, ASK],
  ['ends one that expired ten minutes ago', { ...SWEPT, nowMs: 620_001 }, end('Expired')],
  ['asks even then when the order may still rest', { ...SWEPT, nowMs: 620_001, restsUntilMs: 20_001 }, ASK],
  ['asks even then when the record went back', { ...SWEPT, ...LOST, nowMs: 620_001 }, ASK],
  ['asks even then when this process has sent it', { ...SWEPT, sent: true, nowMs: 620_001 }, ASK],
  ['sends one that followed the grant, however it was found', { ...OURS, nowMs: 19_000 }, SEND],
  [
    'does so for a minute, for which it surely remembers what it sent',
    { ...OURS, nowMs: 70_000, deadlineMs: 80_000 },
    SEND,
  ],
  ['asks after that minute', { ...OURS, nowMs: 70_001, deadlineMs: 80_000 }, ASK],
  ['asks for it when its clock is far ahead', { ...OURS, nowMs: 8_999 }, ASK],
  ['asks for it when this process has sent it', { ...OURS, sent: true }, ASK],
  ['asks for it when the record went back', { ...OURS, recordWentBack: true }, ASK],
  ['ends it after its deadline without a query', { ...OURS, ...EXPIRED }, end('Expired')],
  ['does not ask before an absence would be final', { ...SWEPT, ...OLD, ...NOT_FINAL }, HOLD],
  ['asks then if it has expired', { ...SWEPT, ...OLD, ...NOT_FINAL, ...EXPIRED }, ASK],
  ['asks then for what this process has sent', { ...SWEPT, ...OLD, ...NOT_FINAL, sent: true }, ASK],
  ['adopts an order that the venue has', { ...SWEPT, answer: 'Found' }, ADOPT],
  ['adopts it even when it has expired', { ...SWEPT, ...EXPIRED, answer: 'Found' }, ADOPT],
  ['adopts one that this process has sent', { sent: true, answer: 'Found' }, ADOPT],
  ['sends one that the venue does not have', { ...SWEPT, ...ABSENT }, SEND],
  ['ends it after its deadline', { ...SWEPT, ...ABSENT, ...EXPIRED }, end('Expired')],
  ['sends one that predates the grant once the absence is final', { ...OLD, ...ABSENT }, SEND],
  ['holds it until then', { ...OLD, ...ABSENT, ...NOT_FINAL }, HOLD],
  ['ends it after its deadline, as rows come first', { ...OLD, ...ABSENT, ...NOT_FINAL, ...EXPIRED }, end('Expired')],
  ['ends one that predates a lost record', { ...LOST, ...ABSENT }, end('RecordWentBack')],
  ['does so after its deadline too', { ...LOST, ...ABSENT, ...EXPIRED }, end('RecordWentBack')],
  ['does so only once the absence is final', { ...LOST, ...ABSENT, ...NOT_FINAL, ...EXPIRED }, HOLD],
  ['sends one that came after the record went back', { ...SWEPT, ...ABSENT, recordWentBack: true }, SEND],
  ['holds one for which the venue does not answer', { ...SWEPT, ...SILENT }, HOLD],
  ['ends it after its deadline', { ...SWEPT, ...SILENT, ...EXPIRED }, end('Expired')],
  ['never sends again what it has sent', { sent: true, ...ABSENT }, HOLD],
  ['ends it when it never arrived', { sent: true, ...ABSENT, ...EXPIRED }, end('NeverArrived')],
  ['does so only once the absence is final', { sent: true, ...ABSENT, ...EXPIRED, ...NOT_FINAL }, HOLD],
  ['does not end it while the venue is silent', { sent: true, ...SILENT, ...EXPIRED }, HOLD],
])('%s', (_title, change, step) => {
  expect(planApproval({ ...FRESH, ...change })).toEqual(step);
});
