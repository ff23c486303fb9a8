import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePush, encodePush, MexcFrameError, type MexcPush } from './protobuf.ts';

/** The venue's published definitions as ccxt ships them: an independent implementation. */
interface Reference {
  readonly PushDataV3ApiWrapper: {
    decode(bytes: Uint8Array): { toJSON(): unknown };
    encode(message: unknown): { finish(): Uint8Array };
    fromObject(value: unknown): unknown;
  };
}
const reference = createRequire(import.meta.url)(
  '../../../../../node_modules/ccxt/js/src/protobuf/mexc/compiled.cjs',
) as Reference;

const deals: MexcPush = {
  channel: 'spot@public.aggre.deals.v3.api.pb@100ms@XRPETH',
  symbol: 'XRPETH',
  createTime: 0,
  sendTime: 1_767_225_600_123,
  body: {
    kind: 'deals',
    deals: [
      { price: '0.00141342', quantity: '23', tradeType: 2, time: 1_767_225_600_100 },
      { price: '0.00141379', quantity: '581', tradeType: 1, time: 1_767_225_600_120 },
    ],
    eventType: 'spot@public.aggre.deals.v3.api.pb@100ms',
  },
};

describe('frames of the venue', () => {
  it('are decoded by the published definitions as we encoded them', () => {
    expect(reference.PushDataV3ApiWrapper.decode(encodePush(deals)).toJSON()).toEqual({
      channel: deals.channel,
      symbol: 'XRPETH',
      sendTime: '1767225600123',
      publicAggreDeals: {
        deals: [
          { price: '0.00141342', quantity: '23', tradeType: 2, time: '1767225600100' },
          { price: '0.00141379', quantity: '581', tradeType: 1, time: '1767225600120' },
        ],
        eventType: 'spot@public.aggre.deals.v3.api.pb@100ms',
      },
    });
  });

  it.each([
    [
      'publicAggreDepths',
      'depths',
      { asks: [{ price: '2', quantity: '0' }], bids: [], eventType: 'e', fromVersion: '7', toVersion: '9' },
    ],
    ['publicAggreBookTicker', 'bookTicker', { bidPrice: '1', bidQuantity: '2', askPrice: '3', askQuantity: '4' }],
    [
      'privateAccount',
      'privateAccount',
      {
        vcoinName: 'ETH',
        coinId: 'c',
        balanceAmount: '1.5',
        balanceAmountChange: '-1',
        frozenAmount: '1',
        frozenAmountChange: '1',
        type: 'ENTRUST_PLACE',
        time: 12,
      },
    ],
    [
      'privateDeals',
      'privateDeal',
      {
        price: '1',
        quantity: '2',
        amount: '2',
        tradeType: 1,
        isMaker: true,
        isSelfTrade: false,
        tradeId: 't',
        clientOrderId: 'c',
        orderId: 'o',
        feeAmount: '0.1',
        feeCurrency: 'ETH',
        time: 12,
      },
    ],
    [
      'privateOrders',
      'privateOrder',
      {
        id: 'o',
        clientId: 'c',
        price: '1',
        quantity: '2',
        amount: '2',
        avgPrice: '1',
        orderType: 1,
        tradeType: 2,
        isMaker: false,
        remainAmount: '0',
        remainQuantity: '0',
        lastDealQuantity: '2',
        cumulativeQuantity: '2',
        cumulativeAmount: '2',
        status: 2,
        createTime: 12,
      },
    ],
  ])('encoded by the published definitions are decoded unchanged: %s', (field, kind, value) => {
    const { PushDataV3ApiWrapper: wrapper } = reference;
    const bytes = wrapper
      .encode(wrapper.fromObject({ channel: 'x', symbol: 'S', sendTime: 5, [field]: value }))
      .finish();
    expect(decodePush(bytes)).toEqual({
      channel: 'x',
      symbol: 'S',
      createTime: 0,
      sendTime: 5,
      body: { kind, ...value },
    });
  });

  it('with a body that we do not use decode as `other`, not as an error', () => {
    const { PushDataV3ApiWrapper: wrapper } = reference;
    const bytes = wrapper.encode(wrapper.fromObject({ channel: 'k', publicSpotKline: { interval: 'Min1' } })).finish();
    expect(decodePush(bytes).body).toEqual({ kind: 'other' });
  });

  it('survive encoding and decoding', () => {
    const text = fc.string({ maxLength: 12 });
    const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const level = fc.record({ price: text, quantity: text });
    const push = fc.record({
      channel: text,
      symbol: text,
      createTime: time,
      sendTime: time,
      body: fc.record({
        kind: fc.constant('depths' as const),
        asks: fc.array(level),
        bids: fc.array(level),
        eventType: text,
        fromVersion: text,
        toVersion: text,
      }),
    });
    fc.assert(
      fc.property(push, (value) => {
        expect(decodePush(encodePush(value))).toEqual(value);
      }),
    );
  });

  it('that are truncated or garbled raise MexcFrameError, and never hang or throw another error', () => {
    const bytes = encodePush(deals);
    for (let length = 1; length < bytes.length; length += 1) outcomeOf(bytes.subarray(0, length));
    expect(() => decodePush(bytes.subarray(0, bytes.length - 1))).toThrow(MexcFrameError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        expect(['decoded', 'MalformedFrame']).toContain(outcomeOf(garbage));
      }),
    );
  });
});

function outcomeOf(bytes: Uint8Array): string {
  try {
    decodePush(bytes);
    return 'decoded';
  } catch (error) {
    if (error instanceof MexcFrameError) return error.code;
    throw error;
  }
}
