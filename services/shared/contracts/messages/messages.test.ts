import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseDecimal } from '../../domain/decimal.ts';
import { stanceEntry } from '../../../signal/store/stance-entry.ts';
import { approvedOrderMessage } from './approved-order.ts';
import { bookMessage } from './book.ts';
import { instrumentMessage } from './instrument.ts';
import { fillMessage, orderEventMessage } from './order-event.ts';
import { signalMessage } from './signal.ts';

import { tradeMessage } from './trade.ts';

const NOW = 1_570_752_000_000;

interface Case {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly valid: Readonly<Record<string, unknown>>;
}

const order = { symbol: 'XRP/ETH', side: 'buy', price: '0.0014', quantity: '100' };
const cases: readonly Case[] = [
  {
    name: 'trade',
    schema: tradeMessage,
    valid: {
      producer: 'ws-1',
      seq: 1,
      symbol: 'XRP/ETH',
      price: '0.0014',
      quantity: '100',
      takerSide: 'sell',
      time: NOW,
      receivedAt: NOW,
    },
  },
  {
    name: 'book',
    schema: bookMessage,
    valid: {
      producer: 'ws-1',
      seq: 1,
      symbol: 'XRP/ETH',
      version: '7',
      bids: [['0.0013', '5']],
      asks: [],
      time: NOW,
      receivedAt: NOW,
    },
  },
  {
    name: 'signal',
    schema: signalMessage,
    valid: {
      id: `breakout:XRP/ETH:${NOW}`,
      strategy: 'breakout',
      symbol: 'XRP/ETH',
      stance: 'Long',
      changedAt: NOW,
      barClose: NOW,
      referencePrice: '0.0014',
      release: 'abc',
    },
  },
  {
    name: 'stance',
    schema: stanceEntry,
    valid: {
      strategy: 'breakout',
      symbol: 'XRP/ETH',
      stance: 'Flat',
      changedAt: NOW,
      barClose: NOW,
      fingerprint: 'Donchian 20 10',
    },
  },
  {
    name: 'approved order',
    schema: approvedOrderMessage,
    valid: {
      ...order,
      decisionId: 'd',
      stack: 'demo-1234abcd',
      strategy: 'breakout',
      clientOrderId: 'abc2',
      type: 'LIMIT',
      deadline: NOW,
      decidedAt: NOW,
      riskHash: 'h',
      release: 'abc',
    },
  },
  {
    name: 'order event',
    schema: orderEventMessage,
    valid: {
      stack: 'demo-1234abcd',
      strategy: 'breakout',
      clientOrderId: 'abc2',
      symbol: 'XRP/ETH',
      state: 'Open',
      filled: '0',
      epoch: 1,
      at: NOW,
    },
  },
  {
    name: 'fill',
    schema: fillMessage,
    valid: {
      ...order,
      stack: 'demo-1234abcd',
      strategy: 'breakout',
      venueTradeId: 't',
      venueOrderId: 'o',
      clientOrderId: 'abc2',
      fee: '0',
      feeAsset: 'ETH',
      maker: true,
      time: NOW,
    },
  },
  {
    name: 'instrument',
    schema: instrumentMessage,
    valid: {
      symbol: 'XRP/ETH',
      base: 'XRP',
      quote: 'ETH',
      tickSize: '0.00000001',
      lotSize: '1',
      minQuantity: '1',
      minNotional: '0',
      maxNotional: '100',
      makerFee: '0',
      takerFee: '0.001',
    },
  },
];

/** Values that a broken or hostile producer may send for a field. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  'NaN',
  'Infinity',
  '1e309',
  '-1',
  '1,5',
  '0x10',
  '__proto__',
  'a'.repeat(1000),
  '9'.repeat(41),
];
const HOSTILE_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 2 ** 53];
const HOSTILE: readonly unknown[] = [null, true, {}, [], ...HOSTILE_TEXTS, ...HOSTILE_NUMBERS];

/** Those that are well-formed in a field: a name of letters and digits, a flag, an empty side of an order book. */
const NAMES = ['1e309', '0x10', '9'.repeat(41)];
const WELL_FORMED: Readonly<Record<string, readonly unknown[]>> = {
  strategy: NAMES,
  stack: NAMES,
  clientOrderId: NAMES,
  maker: [true],
  bids: HOSTILE.filter((value) => Array.isArray(value)),
  asks: HOSTILE.filter((value) => Array.isArray(value)),
};

/** Free text fields: any short text is valid. */
const FREE_TEXT = new Set(
  'producer id release decisionId riskHash state venueTradeId venueOrderId feeAsset base quote fingerprint'.split(' '),
);

describe.each(cases)('$name', ({ schema, valid }) => {
  const accepts = (value: unknown) => schema.safeParse(value).success;
  const fields = Object.keys(valid);

  it('accepts a well-formed message, also after a JSON round trip', () => {
    expect(accepts(valid)).toBe(true);
    expect(accepts(JSON.parse(JSON.stringify(valid)))).toBe(true);
  });

  it.each([[null], [undefined], ['text'], [1], [[]], [{}], [new Map()]])('rejects %j in its place', (value) => {
    expect(accepts(value)).toBe(false);
  });

  it.each(fields)('rejects a message without %s', (field) => {
    const { [field]: _, ...rest } = valid;
    expect(accepts(rest)).toBe(false);
  });

  it.each(fields.filter((field) => !FREE_TEXT.has(field)))('rejects every hostile value of %s', (field) => {
    const wrong = HOSTILE.filter((value) => !(WELL_FORMED[field] ?? []).includes(value));
    expect(wrong.filter((value) => accepts({ ...valid, [field]: value }))).toEqual([]);
  });

  it.each(fields.filter((field) => FREE_TEXT.has(field)))(
    'limits the length of %s and rejects anything but a non-empty text',
    (field) => {
      const wrong = HOSTILE.filter((value) => typeof value !== 'string' || value === '' || value.length > 200);
      expect(wrong.filter((value) => accepts({ ...valid, [field]: value }))).toEqual([]);
    },
  );

  it('rejects an unknown field and a polluted prototype', () => {
    expect(accepts({ ...valid, extra: 1 })).toBe(false);
    const polluted: unknown = JSON.parse(JSON.stringify(valid).replace('{', '{"__proto__":{"admin":true},'));
    expect(accepts(polluted)).toBe(false);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('amounts', () => {
  it('keep every digit when parsed', () => {
    const text = '12345678901234567890.123456789012345678';
    const trade = tradeMessage.parse({ ...cases[0]?.valid, price: text });
    expect(trade.price).toBe(parseDecimal(text));
  });

  it.each(['0', '0.000', '-0'])('reject a price of %s', (price) => {
    expect(tradeMessage.safeParse({ ...cases[0]?.valid, price }).success).toBe(false);
  });

  it('reject an order book with more than 50 levels on a side', () => {
    const levels = Array.from({ length: 51 }, (_, index) => [`${index + 1}`, '1']);
    expect(bookMessage.safeParse({ ...cases[1]?.valid, bids: levels }).success).toBe(false);
    expect(bookMessage.safeParse({ ...cases[1]?.valid, bids: levels.slice(1) }).success).toBe(true);
  });
});

it.each([
  [[], true],
  [['LIMIT', 'LIMIT_MAKER'], true],
  [['MARKET'], false],
  [Array.from({ length: 5 }, () => 'LIMIT'), false],
  ['LIMIT', false],
  [null, false],
])('the rules of a pair may list the order types %j: %s', (orderTypes, accepted) => {
  const { valid } = cases.find(({ name }) => name === 'instrument')!;
  expect(instrumentMessage.safeParse({ ...valid, orderTypes }).success).toBe(accepted);
});
