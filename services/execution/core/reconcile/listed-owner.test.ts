import { describe, expect, it } from 'vitest';
import { ZERO } from '../../../shared/domain/decimal.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import { ownerOf } from './listed-owner.ts';

const OWN = { tag: 'tag', liveIdOf: (id: string) => (id === 'V1' ? 'tag1' : undefined) };
const ours = (clientOrderId: string) => ({ kind: 'Ours', clientOrderId });

describe('the owner of an open order', () => {
  it.each([
    ['our ID', { clientOrderId: 'tag7' }, ours('tag7')],
    ["the venue's ID of our order", { venueOrderId: 'V1' }, ours('tag1')],
    ["the venue's ID of our order, and no client ID", { venueOrderId: 'V1', clientOrderId: '' }, ours('tag1')],
    [
      "the venue's ID of our order, and the ID of somebody else",
      { venueOrderId: 'V1', clientOrderId: 'x' },
      ours('tag1'),
    ],
    ['the ID of somebody else', { venueOrderId: 'V2', clientOrderId: 'x' }, { kind: 'Theirs' }],
    ['an empty client ID', { venueOrderId: 'V2', clientOrderId: '' }, { kind: 'Unknown' }],
    ['no client ID', { venueOrderId: 'V2' }, { kind: 'Unknown' }],
    ['no ID', {}, { kind: 'Unknown' }],
  ])('whose row cannot be read and has %s', (_title, known, owner) => {
    expect(ownerOf({ row: '{}', problem: 'status', digest: 'abc', known }, OWN)).toEqual(owner);
  });

  it.each([
    ['our ID', { clientOrderId: 'tag7' }, ours('tag7')],
    ["the venue's ID of our order", { venueOrderId: 'V1' }, ours('tag1')],
    ['no client ID', {}, { kind: 'Theirs' }],
  ])('whose row can be read and has %s', (_title, ids, owner) => {
    const amounts = { price: ZERO, quantity: ZERO, executed: ZERO };
    const report = { symbol: 'A/ETH', side: 'buy', status: 'New', resting: true, ...amounts } as const;
    const order: OrderReport = { venueOrderId: 'V2', clientOrderId: '', ...report, ...ids };
    expect(ownerOf(order, OWN)).toEqual(owner);
  });
});
