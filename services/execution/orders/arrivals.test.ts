import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import type { OrderState } from '../../shared/domain/orders/order.ts';
import { intendedOrder } from '../core/order-record.ts';
import type { Grant } from '../fence/sender-fence.ts';
import { createArrivals } from './arrivals.ts';

/** A request may be accepted for 1,000 ms: its window, and what the venue tolerates, which is above the skew bound. */
const RULES = { recvWindowMs: 400, skewBoundMs: 100, acceptedAheadMs: 600 };
const NOW_MS = 10_000;
const UNANSWERED: OrderState = { kind: 'Submitted' };

interface Scene {
  readonly grant?: Grant;
  readonly haltedMs?: number;
  /** An order that this process sent, and when it first held it. */
  readonly state?: OrderState;
  readonly heldSinceMs?: number | undefined;
}

const granted = (atMs: number, drained = false): Grant => ({
  atMs,
  wallMs: 0,
  drained,
  recordWentBack: false,
  compared: undefined,
});

async function mayArrive({ grant, haltedMs = 0, state, heldSinceMs }: Scene): Promise<boolean> {
  const clock = virtualClock();
  await clock.advance(NOW_MS - clock.monotonicMs());
  const intent = intendedOrder({ order: approvedOrder('d1'), epoch: 1, intendedAtMs: 0, instrument: undefined });
  const orders = {
    live: () => (state === undefined ? [] : [{ ...intent, state }]),
    heldSinceMs: () => heldSinceMs,
  };
  return createArrivals({ orders, grant: () => grant, rules: RULES, clock })(haltedMs);
}

describe('a request may still arrive', () => {
  it.each<[string, Scene, boolean]>([
    ['of an earlier sender, just after the grant', { grant: granted(NOW_MS) }, true],
    ['of an earlier sender, while it may be accepted', { grant: granted(9_001) }, true],
    ['of no earlier sender, once none may be accepted', { grant: granted(9_000) }, false],
    ['of no earlier sender where the last one had drained', { grant: granted(NOW_MS, true) }, false],
    [
      'of no earlier sender long after the grant, although the halt is new',
      { grant: granted(0), haltedMs: NOW_MS },
      false,
    ],
    ['of a sender that learns of the halt as this process does', { haltedMs: 9_001 }, true],
    ['of no sender once all have learned of the halt', { haltedMs: 9_000 }, false],
    ['of this process, without an answer', { grant: granted(0), state: UNANSWERED, heldSinceMs: 9_001 }, true],
    ['of this process no more after its window', { grant: granted(0), state: UNANSWERED, heldSinceMs: 9_000 }, false],
    ['of this process, when it cannot say since when', { grant: granted(0), state: UNANSWERED }, true],
    [
      'of this process no more after the answer',
      { grant: granted(0), state: { kind: 'Open', venueOrderId: 'v1' }, heldSinceMs: NOW_MS },
      false,
    ],
  ])('%s', async (_title, scene, expected) => {
    expect(await mayArrive(scene)).toBe(expected);
  });
});
