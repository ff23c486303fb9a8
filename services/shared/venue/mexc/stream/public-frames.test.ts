import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import { dealsChannel, depthChannel } from '../channels.ts';
import { encodePush, type MexcPushBody } from './protobuf.ts';
import { readMexcFrame } from './public-frames.ts';
import { parseDepth } from '../rest/public-rest.ts';

const symbols = new Map([['XRPETH', 'XRP/ETH']]);
const deal = { price: '0.0014', quantity: '250', tradeType: 1, time: 1_570_752_000_123 };

describe('binary frames', () => {
  test('are read as trades when they carry deals', () => {
    const body = { kind: 'deals', eventType: '', deals: [deal, { ...deal, tradeType: 2 }] } as const;
    expect(readMexcFrame(push(body), true, symbols)).toEqual({
      kind: 'Trades',
      symbol: 'XRP/ETH',
      sentAt: 1_570_752_000_200,
      trades: ['buy', 'sell'].map((takerSide) => ({
        price: parseDecimal('0.0014'),
        quantity: parseDecimal('250'),
        takerSide,
        time: 1_570_752_000_123,
      })),
    });
  });

  test('are read as depth diffs, with versions beyond the safe integers', () => {
    const body = depths({ fromVersion: '18446744073709551610', toVersion: '18446744073709551615' });
    expect(readMexcFrame(push(body), true, symbols)).toEqual({
      kind: 'Depth',
      symbol: 'XRP/ETH',
      sentAt: 1_570_752_000_200,
      diff: {
        fromVersion: 18_446_744_073_709_551_610n,
        toVersion: 18_446_744_073_709_551_615n,
        bids: [[parseDecimal('0.0013'), parseDecimal('5')]],
        asks: [[parseDecimal('0.0015'), 0n]],
      },
    });
  });

  test("may carry the symbol only in the channel's name", () => {
    const bytes = encodePush({
      channel: dealsChannel('XRPETH', '100ms'),
      symbol: '',
      createTime: 0,
      sendTime: 5,
      body: { kind: 'deals', eventType: '', deals: [] },
    });
    expect(readMexcFrame(bytes, true, symbols)).toMatchObject({ kind: 'Trades', symbol: 'XRP/ETH' });
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['bytes that are not a frame', new Uint8Array([0xff, 0xff, 0xff]), /3 bytes/],
    ['an unexpected body', push({ kind: 'other' }), /body "other"/],
    ['a symbol that was not subscribed', push(depths({}), 'ETHUSDT'), /"ETHUSDT" was not subscribed/],
    [
      'an unknown taker side',
      push({ kind: 'deals', eventType: '', deals: [{ ...deal, tradeType: 0 }] }),
      /tradeType 0/,
    ],
    ['a price of zero', push({ kind: 'deals', eventType: '', deals: [{ ...deal, price: '0' }] }), /not above zero/],
    ['a price in words', push({ kind: 'deals', eventType: '', deals: [{ ...deal, price: 'cheap' }] }), /NotADecimal/],
    ['a trade without a time', push({ kind: 'deals', eventType: '', deals: [{ ...deal, time: 0 }] }), /time 0/],
    ['versions that run backwards', push(depths({ fromVersion: '9', toVersion: '8' })), /backwards/],
    ['a version that is not a number', push(depths({ fromVersion: 'x' })), /version "x"/],
    ['a quantity below zero', push(depths({ asks: [{ price: '1', quantity: '-1' }] })), /below zero/],
  ])('are malformed and keep their payload: %s', (_title, bytes, reason) => {
    const frame = readMexcFrame(bytes, true, symbols);
    expect(frame).toMatchObject({ kind: 'Malformed', payload: bytes });
    expect(frame.kind === 'Malformed' ? frame.reason : '').toMatch(reason);
  });

  test('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isBinary) => {
        expect(() => readMexcFrame(bytes, isBinary, symbols)).not.toThrow();
      }),
    );
  });

  test('are never read as complete when truncated', () => {
    const bytes = push(depths({}));
    const whole = readMexcFrame(bytes, true, symbols);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readMexcFrame(bytes.subarray(0, length), true, symbols)).not.toEqual(whole);
    }
  });
});

describe('text frames', () => {
  test.each([
    ['{"id":0,"code":0,"msg":"PONG"}', 'Pong'],
    [`{"id":0,"code":0,"msg":"${depthChannel('XRPETH', '100ms')}"}`, 'Subscribed'],
    ['{"id":0,"code":0,"msg":"Not Subscribed successfully! [x].  Reason： Blocked! "}', 'Refused'],
    ['{"id":0,"code":1,"msg":"busy"}', 'Refused'],
    ['{"id":0}', 'Malformed'],
    ['no json', 'Malformed'],
  ])('%s are read as %s', (text, kind) => {
    expect(readMexcFrame(new TextEncoder().encode(text), false, symbols).kind).toBe(kind);
  });
});

describe('parseDepth', () => {
  test('reads versions given as numbers and as text', () => {
    const sides = { bids: [['1.5', '2']], asks: [] };
    const expected = { bids: [[parseDecimal('1.5'), parseDecimal('2')]], asks: [] };
    expect(parseDepth({ lastUpdateId: 7, ...sides })).toEqual({ version: 7n, ...expected });
    expect(parseDepth({ lastUpdateId: '18446744073709551615', ...sides })).toEqual({
      version: 18_446_744_073_709_551_615n,
      ...expected,
    });
  });

  test.each([
    [{ code: -1121, msg: 'Invalid symbol.' }],
    [{ lastUpdateId: null, bids: [], asks: [] }],
    [{ lastUpdateId: 1, bids: [['1', '0']], asks: [] }],
    [{ lastUpdateId: 1, bids: [[1, 2]], asks: [] }],
  ])('rejects %j', (body) => {
    expect(() => parseDepth(body)).toThrow(/BadReply: depth/);
  });
});

function push(body: MexcPushBody, symbol = 'XRPETH'): Uint8Array {
  return encodePush({
    channel: depthChannel(symbol, '100ms'),
    symbol,
    createTime: 1_570_752_000_100,
    sendTime: 1_570_752_000_200,
    body,
  });
}

function depths(change: Partial<MexcPushBody & { kind: 'depths' }>): MexcPushBody {
  return {
    kind: 'depths',
    eventType: '',
    fromVersion: '7',
    toVersion: '8',
    bids: [{ price: '0.0013', quantity: '5' }],
    asks: [{ price: '0.0015', quantity: '0' }],
    ...change,
  };
}
