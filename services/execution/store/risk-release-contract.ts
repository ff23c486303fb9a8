import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import type { ExecutionStore, IntentOutcome } from '../ports.ts';

export interface RiskReleaseSubject {
  readonly store: Pick<ExecutionStore, 'raiseFence' | 'commitIntent'>;
  /** Makes another release of risk the active one, or none. It is `test` at first. */
  readonly activateRisk: (release: string | undefined) => Promise<void>;
}

const HELD = { epoch: 1, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };

function intentOf(order: ApprovedOrder): OrderRecord {
  return intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
}

/** Tests which entries are committed, by the release of risk that approved them. */
export function riskReleaseContract(name: string, create: () => Promise<RiskReleaseSubject>): void {
  describe(`an intent in ${name}, by the release of risk`, () => {
    let subject: RiskReleaseSubject;
    let store: RiskReleaseSubject['store'];
    const buy = intentOf(approvedOrder('buy'));
    const sell = intentOf(approvedOrder('sell', { side: 'sell' }));
    const never = { ...buy, state: { kind: 'NeverSent', reason: 'Expired' } } as const;

    beforeEach(async () => {
      subject = await create();
      ({ store } = subject);
      await store.raiseFence(HELD);
    });

    it.each<[string, string | undefined, IntentOutcome]>([
      ['the release that approved it', 'test', 'Committed'],
      ['another release', 'next', 'OtherRelease'],
      ['no release', undefined, 'ReleaseUnknown'],
    ])(
      'while %s of risk is active, an entry ends accordingly, and an exit is committed',
      async (_who, release, ofBuy) => {
        await subject.activateRisk(release);
        expect(await store.commitIntent(TERMS, buy)).toBe(ofBuy);
        expect(await store.commitIntent(TERMS, sell)).toBe('Committed');
        const recorded = { ...buy, state: { kind: 'Open', venueOrderId: 'v1' } } as const;
        const found = await store.commitIntent({ ...TERMS, approvedBy: undefined }, recorded);
        expect(found).toBe(ofBuy === 'Committed' ? 'Duplicate' : 'Committed');
      },
    );

    it('is committed when it is never sent, whatever release is active', async () => {
      for (const [index, release] of ['next', undefined].entries()) {
        await subject.activateRisk(release);
        const order = { ...intentOf(approvedOrder(`never${index}`)), state: never.state };
        expect(await store.commitIntent(TERMS, order)).toBe('Committed');
      }
    });

    it('of an entry that no approval is known of is not committed to be sent', async () => {
      expect(await store.commitIntent({ ...TERMS, approvedBy: undefined }, buy)).toBe('OtherRelease');
      await subject.activateRisk(undefined);
      expect(await store.commitIntent({ ...TERMS, approvedBy: undefined }, buy)).toBe('ReleaseUnknown');
    });
  });
}
