import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal, subtract, type Decimal } from '../../shared/domain/decimal.ts';
import { lots, ticks, type Instrument } from '../../shared/domain/instrument.ts';
import type { ExchangeEvent, PlaceOrder } from './events.ts';
import { MatchingEngine } from './matching-engine.ts';

const d = parseDecimal;
const XRP_ETH: Instrument = {
  symbol: 'XRP/ETH',
  base: 'XRP',
  quote: 'ETH',
  tickSize: d('0.00000001'),
  lotSize: d('1'),
  minQuantity: d('1'),
  minNotional: d('0.005'),
  maxNotional: d('1000'),
  makerFee: d('0'),
  takerFee: d('0.001'),
};

function venue(opening: Record<string, Decimal> = { ETH: d('10'), XRP: d('10000') }): MatchingEngine {
  return new MatchingEngine({ instruments: [XRP_ETH], opening: { paper: opening }, idPrefix: '7' });
}

function order(over: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    kind: 'place',
    account: 'paper',
    clientOrderId: 'c1',
    symbol: 'XRP/ETH',
    side: 'buy',
    type: 'LIMIT',
    price: d('0.001'),
    quantity: d('100'),
    request: { time: 1, recvWindowMs: 1_000, receivedAt: 2 },
    ...over,
  };
}

/** Adds an order of the house: price in ticks, quantity in lots. */
function offer(engine: MatchingEngine, side: 'buy' | 'sell', price: number, quantity: number): ExchangeEvent[] {
  const events: ExchangeEvent[] = [];
  engine.quote('XRP/ETH', { side, price: ticks(price), quantity: lots(quantity) }, 1, events);
  return events;
}

function kinds(events: readonly ExchangeEvent[]): readonly string[] {
  return events.map((event) => event.kind);
}

function balances(engine: MatchingEngine): Record<string, readonly [string, string]> {
  return Object.fromEntries(
    engine.ledger
      .balances('paper')
      .map(({ asset, free, locked }) => [asset, [formatDecimal(free), formatDecimal(locked)] as const]),
  );
}

describe('placing', () => {
  it('rests a limit order without a match, and locks its funds and fee', () => {
    const engine = venue();
    expect(engine.apply(order(), 5)).toEqual([
      expect.objectContaining({
        kind: 'placed',
        orderId: 'C02__7000000001',
        locked: d('0.1001'),
        lockedAsset: 'ETH',
        time: 5,
      }),
    ]);
    expect(balances(engine)).toEqual({ ETH: ['9.8999', '0.1001'], XRP: ['10000', '0'] });
    expect(engine.book('XRP/ETH').levels('buy', 5)).toEqual([[100_000, 100]]);
  });

  it('takes the best price first, charges the fee in quote, and releases the rest of the lock at the end', () => {
    const engine = venue();
    offer(engine, 'sell', 90_000, 60);
    offer(engine, 'sell', 80_000, 40);
    const events = engine.apply(order(), 5);
    expect(kinds(events)).toEqual(['placed', 'trade', 'trade', 'fill', 'fill']);
    expect(events[3]).toMatchObject({
      price: d('0.0008'),
      quantity: d('40'),
      fee: d('0.000032'),
      feeAsset: 'ETH',
      maker: false,
      completes: false,
    });
    expect(events[4]).toMatchObject({ price: d('0.0009'), quantity: d('60'), fee: d('0.000054'), completes: true });
    // 0.032 + 0.054 + a fee of 0.1 %
    expect(balances(engine)).toEqual({ ETH: ['9.913914', '0'], XRP: ['10100', '0'] });
    expect(engine.ledger.order('C02__7000000001')).toMatchObject({
      status: 'FILLED',
      executed: d('100'),
      executedQuote: d('0.086'),
    });
  });

  it('rests the remainder of a limit order, and fills it as maker behind earlier orders', () => {
    const engine = venue();
    offer(engine, 'buy', 100_000, 30);
    engine.apply(order(), 5);
    const events: ExchangeEvent[] = [];
    engine.take('XRP/ETH', { side: 'sell', price: ticks(100_000), quantity: lots(50) }, 6, events);
    expect(kinds(events)).toEqual(['trade', 'fill']);
    expect(events[1]).toMatchObject({
      quantity: d('20'),
      maker: true,
      fee: d('0'),
      completes: false,
      orderId: 'C02__7000000001',
    });
    expect(engine.ledger.order('C02__7000000001')).toMatchObject({ status: 'PARTIALLY_FILLED' });
  });

  it.each([
    ['IMMEDIATE_OR_CANCEL', 40, ['placed', 'trade', 'fill', 'cancelled'], 'PARTIALLY_CANCELED'],
    ['IMMEDIATE_OR_CANCEL', 0, ['placed', 'cancelled'], 'CANCELED'],
    ['IMMEDIATE_OR_CANCEL', 200, ['placed', 'trade', 'fill'], 'FILLED'],
    ['FILL_OR_KILL', 40, ['placed', 'cancelled'], 'CANCELED'],
    ['FILL_OR_KILL', 100, ['placed', 'trade', 'fill'], 'FILLED'],
    ['LIMIT_MAKER', 40, ['placed', 'cancelled'], 'CANCELED'],
    ['LIMIT_MAKER', 0, ['placed'], 'NEW'],
  ] as const)('executes %s against %i lots', (type, offered, expected, status) => {
    const engine = venue();
    if (offered > 0) offer(engine, 'sell', 100_000, offered);
    expect(kinds(engine.apply(order({ type }), 5))).toEqual(expected);
    expect(engine.ledger.order('C02__7000000001')?.status).toBe(status);
    if (status !== 'NEW') expect(engine.ledger.balance('paper', 'ETH').locked).toBe(0n);
  });

  it('fills a market sale as far as possible and drops the rest', () => {
    const engine = venue();
    offer(engine, 'buy', 90_000, 40);
    const events = engine.apply(order({ side: 'sell', type: 'MARKET', price: undefined }), 5);
    expect(kinds(events)).toEqual(['placed', 'trade', 'fill', 'cancelled']);
    expect(balances(engine)).toEqual({ ETH: ['10.035964', '0'], XRP: ['9960', '0'] });
  });

  it('spends the quote amount of a market buy in whole lots, across prices', () => {
    const engine = venue();
    offer(engine, 'sell', 100_000, 40);
    offer(engine, 'sell', 200_000, 40);
    const events = engine.apply(
      order({ type: 'MARKET', price: undefined, quantity: undefined, quoteQuantity: d('0.0515') }),
      5,
    );
    expect(kinds(events)).toEqual(['placed', 'trade', 'trade', 'fill', 'fill']);
    expect(events[4]).toMatchObject({ quantity: d('5'), completes: true });
    expect(engine.ledger.balance('paper', 'ETH')).toMatchObject({ free: d('9.94995'), locked: 0n });
  });

  it('gives both sides of a self-trade their own fill and ID, marked as self-trade', () => {
    const engine = venue();
    engine.apply(order({ side: 'sell', clientOrderId: 'a' }), 5);
    const fills = engine.apply(order({ clientOrderId: 'b' }), 6).filter((event) => event.kind === 'fill');
    expect(fills.map((fill) => [fill.tradeId, fill.side, fill.maker, fill.selfTrade])).toEqual([
      ['7000000001X1', 'buy', false, true],
      ['7000000002X1', 'sell', true, true],
    ]);
    expect(balances(engine)).toEqual({ ETH: ['9.9999', '0'], XRP: ['10000', '0'] });
  });
});

describe('a refused order changes no state and carries the venue’s code', () => {
  it.each([
    [10007, { symbol: 'BTC/USDT' }],
    [700004, { price: undefined }],
    [700004, { quantity: undefined }],
    [700004, { type: 'MARKET', price: undefined, quantity: undefined }],
    [700008, { clientOrderId: 'not allowed!' }],
    [700008, { clientOrderId: 'x'.repeat(33) }],
    [400, { price: d('0.001000001') }],
    [400, { price: d('0') }],
    [400, { quantity: d('0.5') }],
    [30002, { quantity: d('4') }],
    [30003, { price: d('1'), quantity: d('1001') }],
    [30004, { quantity: d('9991') }],
    [30005, { side: 'sell', quantity: d('10001') }],
    [30010, { type: 'MARKET', price: undefined }],
    [30041, { type: 'MARKET', side: 'sell', quoteQuantity: d('1') }],
  ] as const)('%i', (code, over) => {
    const engine = venue();
    const before = balances(engine);
    const events = engine.apply(order(over), 5);
    expect(events).toEqual([expect.objectContaining({ kind: 'rejected', code, time: 5 })]);
    expect(engine.refusalOf(order(over))).toMatchObject({ code });
    expect(balances(engine)).toEqual(before);
  });

  it('30087 above five times or below a fifth of the last price', () => {
    const engine = venue();
    offer(engine, 'sell', 100_000, 1);
    engine.take('XRP/ETH', { side: 'buy', price: ticks(100_000), quantity: lots(1) }, 1, []);
    expect(engine.refusalOf(order({ price: d('0.00500001') }))).toMatchObject({ code: 30087 });
    expect(engine.refusalOf(order({ price: d('0.005') }))).toBeUndefined();
    expect(engine.refusalOf(order({ side: 'sell', price: d('0.00019999') }))).toMatchObject({ code: 30087 });
    expect(engine.refusalOf(order({ side: 'sell', price: d('0.0002') }))).toBeUndefined();
  });

  it('30029 beyond the maximum of open orders per account', () => {
    const engine = new MatchingEngine({
      instruments: [XRP_ETH],
      opening: { paper: { ETH: d('10') } },
      idPrefix: '7',
      maxOpenOrders: 1,
    });
    engine.apply(order(), 1);
    expect(engine.apply(order(), 2)).toMatchObject([{ kind: 'rejected', code: 30029 }]);
  });
});

describe('cancelling', () => {
  it('removes the order from the book and releases its funds, once', () => {
    const engine = venue();
    engine.apply(order(), 5);
    const cancel = { kind: 'cancel', account: 'paper', symbol: 'XRP/ETH', orderId: 'C02__7000000001' } as const;
    expect(engine.apply(cancel, 6)).toMatchObject([{ kind: 'cancelled', cause: 'request', clientOrderId: 'c1' }]);
    expect(balances(engine)).toEqual({ ETH: ['10', '0'], XRP: ['10000', '0'] });
    expect(engine.book('XRP/ETH').levels('buy', 5)).toEqual([]);
    expect(engine.apply(cancel, 7)).toMatchObject([{ kind: 'cancelRejected', code: -2011 }]);
  });

  it('rejects a cancel of an order that was filled while resting', () => {
    const engine = venue();
    engine.apply(order(), 5);
    engine.take('XRP/ETH', { side: 'sell', price: ticks(100_000), quantity: lots(100) }, 6, []);
    const cancel = { kind: 'cancel', account: 'paper', symbol: 'XRP/ETH', orderId: 'C02__7000000001' } as const;
    expect(engine.apply(cancel, 7)).toMatchObject([{ kind: 'cancelRejected', code: -2011 }]);
    expect(engine.ledger.order('C02__7000000001')?.status).toBe('FILLED');
  });

  it('rejects a cancel of another account’s order', () => {
    const engine = venue();
    engine.apply(order(), 5);
    const cancel = { kind: 'cancel', account: 'other', symbol: 'XRP/ETH', orderId: 'C02__7000000001' } as const;
    expect(engine.apply(cancel, 6)).toMatchObject([{ kind: 'cancelRejected', code: -2011 }]);
  });
});

describe('a client order ID', () => {
  it('is accepted twice, and then finds the newer order', () => {
    const engine = venue();
    engine.apply(order(), 5);
    engine.apply(order(), 6);
    expect(engine.ledger.orderByClientId('paper', 'c1')?.orderId).toBe('C02__7000000002');
  });
});

describe('a transfer', () => {
  it('changes what is free, and refuses to take more than that', () => {
    const engine = venue({ ETH: d('1'), XRP: d('0') });
    engine.apply(order({ price: d('0.005'), quantity: d('100') }), 1);
    const locked = balances(engine)['ETH']?.[1];
    expect(engine.transfer('paper', { asset: 'ETH', amount: d('-0.5') }, 2)).toBeUndefined();
    expect(engine.transfer('paper', { asset: 'ETH', amount: d('-0.4') }, 3)).toEqual({
      kind: 'transferred',
      account: 'paper',
      asset: 'ETH',
      amount: d('-0.4'),
      time: 3,
    });
    engine.transfer('paper', { asset: 'MX', amount: d('2') }, 4);
    const free = formatDecimal(subtract(d('0.6'), d(locked ?? '0')));
    expect(balances(engine)).toEqual({ ETH: [free, locked], XRP: ['0', '0'], MX: ['2', '0'] });
  });

  it('restores the same balances after a restart', () => {
    const [before, after] = [venue(), venue()];
    const event = before.transfer('paper', { asset: 'ETH', amount: d('0.5') }, 1);
    if (event === undefined) throw new Error('the deposit was refused');
    after.restore(event);
    expect(balances(after)).toEqual(balances(before));
  });
});
