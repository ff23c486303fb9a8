import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../test/fixtures/approved-orders.ts';
import { ExitStack } from '../../test/harness/exit-stack.ts';
import { formatDecimal, parseDecimal } from '../shared/domain/decimal.ts';

let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
});

const sold = () => stack.record.approvals.map(({ quantity }) => formatDecimal(quantity));
const requested = () => [...stack.record.cancels.ids()].map((id) => stack.record.orders.get(id)?.strategy);
const codes = () => stack.decisions.map((decision) => decision?.code);

async function started(): Promise<Awaited<ReturnType<ExitStack['start']>>> {
  stack.hold('trend', '50');
  const risk = await stack.start();
  stack.quote();
  return risk;
}

describe("a strategy's own resting buy", () => {
  it('is cancelled, and what is held is sold beside it at once', async () => {
    const risk = await started();
    stack.restBid({ strategy: 'trend', price: parseDecimal('0.0013') });
    await stack.signal('Flat', risk);
    expect(sold()).toEqual(['50']);
    await stack.pass(1, risk);
    expect(requested()).toEqual(['trend']);
  });

  it('is cancelled when nothing of it is filled', async () => {
    const risk = await stack.start();
    stack.quote();
    stack.restBid({ strategy: 'trend' });
    await stack.signal('Long', risk);
    await stack.pass(2, risk);
    expect(requested()).toEqual([]);
    await stack.signal('Flat', risk);
    await stack.pass(1, risk);
    expect(requested()).toEqual(['trend']);
  });

  it('may fill while it is being cancelled: then that is sold too', async () => {
    const risk = await started();
    const end = stack.restBid({ strategy: 'trend', price: parseDecimal('0.0013') });
    await stack.signal('Flat', risk);
    stack.execute();
    stack.hold('trend', '7');
    await stack.pass(2, risk);
    end();
    expect(sold()).toEqual(['50', '7']);
  });
});

describe('a bid of another strategy at the best price', () => {
  it('is cancelled, and the exit follows within a second of its end', async () => {
    const risk = await started();
    const end = stack.restBid();
    await stack.signal('Flat', risk);
    expect(codes()).toEqual(['SelfTrade']);
    await stack.pass(50, risk);
    expect(requested()).toEqual(['maker']);
    expect(codes()).toEqual(['SelfTrade']);
    expect(risk.exits.exits()?.positions).toMatchObject([{ attempts: 0, reason: 'SelfTrade' }]);
    end();
    await stack.pass(1, risk);
    expect(sold()).toEqual(['50']);
  });

  it.each([
    'Unknown',
    // The venue has lost it, or hides its last fills.
    'CancelPending',
  ] as const)(
    'that stays %s holds the exit up for half a minute after it was requested to be cancelled',
    async (kind) => {
      const risk = await started();
      stack.restBid({}, kind);
      await stack.signal('Flat', risk);
      await stack.pass(30, risk);
      expect([requested(), sold()]).toEqual([['maker'], []]);
      await stack.pass(2, risk);
      expect(sold()).toEqual(['50']);
    },
  );

  it.each(['Intended', 'Open', 'PartiallyFilled'] as const)(
    'that stays %s, because execution cannot read its row, holds the exit up for two minutes after the request',
    async (kind) => {
      const risk = await started();
      stack.restBid({}, kind);
      await stack.signal('Flat', risk);
      await stack.pass(120, risk);
      expect([requested(), sold()]).toEqual([['maker'], []]);
      await stack.pass(2, risk);
      expect(sold()).toEqual(['50']);
    },
  );

  it('that is approved and never sent holds the exit up for two minutes after the request', async () => {
    const risk = await started();
    const terms = { strategy: 'maker', type: 'LIMIT', price: parseDecimal('0.0014') } as const;
    const order = approvedOrder('bid', { ...terms, deadline: stack.clock.nowMs() + 3_600_000 });
    stack.record.approvals.push(order);
    await stack.signal('Flat', risk);
    await stack.pass(120, risk);
    expect([...stack.record.cancels.ids()]).toEqual([order.clientOrderId]);
    expect(sold()).toEqual([formatDecimal(order.quantity)]);
    await stack.pass(2, risk);
    expect(sold()).toEqual([formatDecimal(order.quantity), '50']);
  });

  it('that comes between the plan and the decision costs no attempt', async () => {
    const risk = await stack.start();
    stack.hold('trend', '50');
    await stack.signal('Flat', risk);
    let end = (): void => {};
    stack.beforeExit = () => {
      end = stack.restBid();
      stack.beforeExit = () => {};
    };
    await stack.pass(2, risk);
    expect(codes()).toEqual(['FeedStale', 'SelfTrade']);
    expect(risk.exits.exits()?.positions).toMatchObject([{ attempts: 0 }]);
    end();
    await stack.pass(1, risk);
    expect(sold()).toEqual(['50']);
  });

  it('is cancelled though the request could not be stored at first, and other exits go on', async () => {
    const risk = await started();
    stack.restBid();
    stack.cancelsLocked = true;
    await stack.signal('Flat', risk);
    await stack.pass(3, risk);
    expect(requested()).toEqual([]);
    expect(risk.exits.check(1_500)).toMatchObject({ ok: true });
    stack.cancelsLocked = false;
    await stack.pass(1, risk);
    expect(requested()).toEqual(['maker']);
  });
});

it('sells at once what a sale has left that has ended at the venue, and says what of that sale is not recorded', async () => {
  const risk = await started();
  await stack.signal('Flat', risk);
  stack.openSale('0');
  await stack.pass(5, risk);
  expect(sold()).toEqual(['50']);
  const [sale] = stack.record.orders.live();
  if (sale === undefined) throw new Error('no sale lives');
  const id = sale.request.clientOrderId;
  stack.record.orders.set(id, { ...sale, finalExecuted: parseDecimal('46.6') });
  await stack.pass(1, risk);
  expect(sold()).toEqual(['50', '3.4']);
  stack.execute();
  await stack.pass(120, risk);
  expect(sold()).toEqual(['50', '3.4']);
  const ended = /^sale \w+ of \S+ has ended at the venue: 46.6 of 50 are executed, fills of 0 are recorded$/;
  const message = expect.stringMatching(ended) as string;
  expect(risk.exits.exits()?.positions).toMatchObject([{ reason: 'SaleUnsettled', message }]);
});
