import { expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { MEXC_RULES } from '../../shared/venue/mexc/rules.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { CallStep } from '../core/call-step.ts';
import { observedCalls } from './observed-calls.ts';

const ORDER = {
  clientOrderId: 'a',
  symbol: 'XRP/ETH',
  side: 'buy',
  type: 'LIMIT',
  price: parseDecimal('1'),
  quantity: parseDecimal('2'),
} as const;

/** A venue of one answer, which asks when the first byte of an order may leave, as a client does. */
function observed(reply: Extract<VenueReply<never>, { kind: 'rateLimited' | 'notFound' }>) {
  const steps: CallStep[] = [];
  const answer = async () => await Promise.resolve(reply);
  const venue: TradingVenue = {
    rules: MEXC_RULES,
    place: async (_order, { refusal }) => {
      const reason = refusal();
      return await Promise.resolve(reason === undefined ? reply : { kind: 'notSent', reason });
    },
    cancel: answer,
    order: answer,
    openOrders: answer,
    fills: answer,
    balances: answer,
    clockSkewMs: answer,
  };
  const scheduler = { nowMs: () => 1_000 };
  return { steps, venue: observedCalls(venue, { process: 'one', scheduler, onStep: (step) => void steps.push(step) }) };
}

const terms = (reason?: string) => ({ timestampMs: 0, recvWindowMs: 1_000, refusal: () => reason });
const sent = (call: string, cancels?: string) => ({ kind: 'Sent', process: 'one', at_ms: 1_000, call, cancels });

it('reports every request, and which order one cancels', async () => {
  const { steps, venue } = observed({ kind: 'notFound' });
  await venue.place(ORDER, terms());
  await venue.cancel('XRP/ETH', 'a');
  await venue.order('XRP/ETH', 'a');
  await venue.openOrders('XRP/ETH');
  await venue.fills('XRP/ETH', { fromMs: 0 });
  await venue.balances();
  expect(await venue.clockSkewMs()).toEqual({ kind: 'notFound' });
  const queries = ['order', 'openOrders', 'fills', 'balances', 'clockSkewMs'].map((call) => sent(call));
  expect(steps).toEqual([sent('place'), sent('cancel', 'a'), ...queries]);
});

it('reports no order that was kept back', async () => {
  const { steps, venue } = observed({ kind: 'notFound' });
  expect(await venue.place(ORDER, terms('Expired'))).toEqual({ kind: 'notSent', reason: 'Expired' });
  expect(steps).toEqual([]);
});

it('reports the pause that any answer demands', async () => {
  const { steps, venue } = observed({ kind: 'rateLimited', retryAfterMs: 2_000, banned: true });
  const paused = { kind: 'Paused', process: 'one', at_ms: 1_000, until_ms: 3_000, banned: true };
  await venue.place(ORDER, terms());
  await venue.cancel('XRP/ETH', 'a');
  await venue.balances();
  expect(steps.filter(({ kind }) => kind === 'Paused')).toEqual([paused, paused, paused]);
});

it('reports a limit as no ban', async () => {
  const { steps, venue } = observed({ kind: 'rateLimited', retryAfterMs: 500 });
  await venue.order('XRP/ETH', 'a');
  expect(steps.at(-1)).toMatchObject({ kind: 'Paused', until_ms: 1_500, banned: false });
});
