import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseDecimal } from '../../domain/decimal.ts';
import { stanceEntry } from '../../../signal/store/stance-entry.ts';
import { checkSchema } from '../statusz.ts';
import { approvedOrderDocument, approvedOrderMessage } from './approved-order.ts';
import { bookMessage } from './book.ts';
import { instrumentDocument, instrumentMessage } from './instrument.ts';
import { fillMessage, orderEventMessage } from './order-event.ts';
import { signalMessage } from './signal.ts';
import { tradeMessage } from './trade.ts';

const NOW = 1_570_752_000_000;

interface Case {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly valid: Readonly<Record<string, unknown>>;
  /** Fields that may be absent. */
  readonly optional?: Readonly<Record<string, unknown>>;
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
    optional: { requote: { above: '0.0015', fromMs: NOW, untilMs: NOW }, sendUntil: NOW },
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

const { valid: rules } = cases.find(({ name }) => name === 'instrument')!;

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

describe.each(cases)('$name', ({ schema, valid, optional }) => {
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

  it('ignores a field that a newer release adds, in nested objects too', () => {
    const full = { ...valid, ...optional };
    const read = schema.parse(withExtra(full));
    expect(read).toEqual(schema.parse(full));
    expect(Object.keys(read as object).toSorted()).toEqual(Object.keys(full).toSorted());
  });

  it('takes nothing from a polluted prototype', () => {
    const text = JSON.stringify(valid).replace('{', '{"__proto__":{"admin":true},');
    const read = schema.parse(JSON.parse(text));
    expect(read).toEqual(schema.parse(valid));
    expect(Object.hasOwn(read as object, '__proto__')).toBe(false);
    expect([(read as Record<string, unknown>)['admin'], ({} as Record<string, unknown>)['admin']]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

/** Adds a field to every object in a message. */
function withExtra(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withExtra);
  if (typeof value !== 'object' || value === null) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withExtra(one)])), extra: 1 };
}

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

/** Paths and messages of the problems that a book with these bids has. */
const ABOVE_ZERO = 'must be a decimal above zero such as "12.5"';
it.each<[unknown, readonly (readonly [path: string, message: string])[]]>([
  [
    [
      ['1', '2'],
      ['1', '0'],
    ],
    [['bids.1.1', ABOVE_ZERO]],
  ],
  [
    [
      ['-1', '1e3'],
      ['x', '1'],
    ],
    [
      ['bids.0.0', ABOVE_ZERO],
      ['bids.0.1', ABOVE_ZERO],
      ['bids.1.0', ABOVE_ZERO],
    ],
  ],
  [[['1', 2]], [['bids.0.1', 'Invalid input: expected string, received number']]],
  [[['1']], [['bids.0', 'Too small: expected array to have >=2 items']]],
  [[['1', '2', '3']], [['bids.0', 'Too big: expected array to have <=2 items']]],
  [
    ['1', '2'],
    [
      ['bids.0', 'Invalid input: expected tuple, received string'],
      ['bids.1', 'Invalid input: expected tuple, received string'],
    ],
  ],
])('a book with the bids %j has the problems %j', (bids, problems) => {
  const issues = bookMessage.safeParse({ ...cases[1]?.valid, bids }).error?.issues ?? [];
  expect(issues.map(({ path, message }) => [path.join('.'), message])).toEqual(problems);
});

/** Order types that the rules of a pair list; undefined for rules that are refused. */
it.each<[unknown, readonly string[] | undefined]>([
  [[], []],
  [
    ['LIMIT', 'LIMIT_MAKER'],
    ['LIMIT', 'LIMIT_MAKER'],
  ],
  [['LIMIT', 'OF_A_NEWER_RELEASE'], ['LIMIT']],
  [[''], undefined],
  [Array.from({ length: 41 }, () => 'LIMIT'), undefined],
  ['LIMIT', undefined],
  [null, undefined],
])('the rules of a pair with the order types %j list %j', (orderTypes, listed) => {
  expect(instrumentMessage.safeParse({ ...rules, orderTypes }).data?.orderTypes).toEqual(listed);
});

describe('what we write', () => {
  const approval = cases.find(({ name }) => name === 'approved order')!;
  const requote = approval.optional?.['requote'] as object;

  it('has no field that its message does not have', () => {
    const order = { ...approval.valid, requote };
    expect(approvedOrderDocument.safeParse(order).success).toBe(true);
    expect(approvedOrderDocument.safeParse({ ...order, extra: 1 }).success).toBe(false);
    expect(approvedOrderDocument.safeParse({ ...order, requote: { ...requote, extra: 1 } }).success).toBe(false);
    expect(instrumentDocument.safeParse({ ...rules, extra: 1 }).success).toBe(false);
  });

  it.each([
    [['LIMIT', 'LIMIT_MAKER'], true],
    [['MARKET'], false],
    [Array.from({ length: 5 }, () => 'LIMIT'), false],
  ])('has only order types that we know: %j is %s', (orderTypes, accepted) => {
    expect(instrumentDocument.safeParse({ ...rules, orderTypes }).success).toBe(accepted);
  });
});

it('a check of a newer release is read by an older one', () => {
  const check = { name: 'redis', ok: true, reason: 'Ok', message: '' };
  expect(checkSchema.parse({ ...check, extra: 1 })).toEqual(check);
});
