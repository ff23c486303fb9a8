import { describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { CLEAR } from '../../../test/fixtures/sending-facts.ts';
import { admissionRefusal } from './admission.ts';
import {
  hasDrift,
  obstacleFor,
  obstaclesTo,
  stopsEverything,
  type ObstacleReason,
  type SendingFacts,
} from './sending.ts';

/** One millisecond before a statement is slow, and before the permit expires. */
const BARELY: SendingFacts = { ...CLEAR, permitAgeMs: 1_999, fenceReadMs: 1_999, commitMs: 1_999 };

/** Each obstacle with its smallest cause, in order of precedence. */
const CAUSES: readonly [ObstacleReason, Partial<SendingFacts>][] = [
  ['NotActive', { role: 'activating' }],
  ['Halted', { tradingState: 'Halted', askedBy: ['console'] }],
  ['DatabaseSlow', { commitMs: 2_000 }],
  ['PermitExpired', { permitAgeMs: 2_000 }],
  ['ClockSkewed', { clockProblem: 'our clock is 700 ms behind' }],
  ['RateLimited', { limitedForMs: 1 }],
  ['Reducing', { tradingState: 'Reducing', askedBy: ['breaker'] }],
  ['Flattening', { tradingState: 'Flattening', askedBy: ['desk'] }],
  ['SetApart', { setApart: ['XRP/ETH'] }],
  ['OtherStack', { otherStacks: [{ symbol: 'XRP/ETH', tag: 'abcdef', ageMs: 1 }] }],
  ['LedgerDrift', { drifts: [{ asset: 'ETH', problem: 'ETH: 1' }] }],
  ['NotReconciled', { unreadBalances: [{ asset: 'ETH', problem: 'ETH: unread' }] }],
  ['UnknownOrders', { unknownSymbols: ['XRP/ETH'] }],
  ['NotReconciled', { unreconciled: [{ symbol: 'XRP/ETH', exits: true, problem: 'XRP/ETH: fills: no answer' }] }],
];
const STOPS_EXITS = new Set(['NotActive', 'Halted', 'DatabaseSlow', 'PermitExpired', 'ClockSkewed', 'RateLimited']);

const reasonsOf = (change: Partial<SendingFacts>) => obstaclesTo({ ...BARELY, ...change }).map(({ reason }) => reason);
const order = (side: 'buy' | 'sell', symbol = 'XRP/ETH') => approvedOrder('d', { side, symbol });

it('finds no obstacle one millisecond before the permit expires', () => {
  expect(obstaclesTo(BARELY)).toEqual([]);
});

it.each(CAUSES)('finds %s', (reason, cause) => {
  expect(reasonsOf(cause)).toEqual([reason]);
  expect(obstacleFor(order('buy'), { ...BARELY, ...cause })?.reason).toBe(reason);
  expect(obstacleFor(order('sell'), { ...BARELY, ...cause })?.reason).toBe(
    STOPS_EXITS.has(reason) ? reason : undefined,
  );
});

it('names the most important obstacle first', () => {
  for (const [index, [reason, cause]] of CAUSES.entries()) {
    for (const [later, other] of CAUSES.slice(index + 1)) {
      // The two states exclude each other, and a process that is not active has no permit to lose.
      if ('tradingState' in cause && 'tradingState' in other) continue;
      const expected = reason === 'NotActive' && later === 'PermitExpired' ? [reason] : [reason, later];
      expect(reasonsOf({ ...other, ...cause })).toEqual(expected);
    }
  }
});

it.each(['warming', 'armed', 'activating', 'fenced'] as const)(
  'says that a process that is %s does not send',
  (role) => {
    expect(obstaclesTo({ ...BARELY, role, permitAgeMs: undefined })).toMatchObject([
      { reason: 'NotActive', message: `this process is ${role}; only an active one sends` },
    ]);
  },
);

it('has no permit before the first read of the fence', () => {
  expect(reasonsOf({ permitAgeMs: undefined })).toEqual(['PermitExpired']);
});

it('says that the database is slow when reads of the fence outlast the permit, not when the last one was slow', () => {
  expect(reasonsOf({ fenceReadMs: 2_000, permitAgeMs: 2_000 })).toEqual(['DatabaseSlow', 'PermitExpired']);
  expect(reasonsOf({ fenceReadMs: 2_000 })).toEqual([]);
});

it('stops buys only on the instruments that have an order of unknown outcome', () => {
  const facts = { ...BARELY, unknownSymbols: ['XRP/ETH'] };
  expect(obstacleFor(order('buy', 'ADA/ETH'), facts)).toBeUndefined();
});

it.each([
  ['buy', 'XRP/ETH', 'LedgerDrift'],
  ['buy', 'ETH/USDT', 'LedgerDrift'],
  ['buy', 'BTC/USDT', undefined],
  ['buy', 'ETHW/USDT', undefined],
  ['sell', 'XRP/ETH', undefined],
] as const)('with a drift of ETH, the obstacle to a %s of %s is %s', (side, symbol, reason) => {
  const drifts = [
    { asset: 'ETH', problem: 'ETH: 1' },
    { asset: 'MX', problem: 'MX: 2' },
  ];
  expect(obstacleFor(order(side, symbol), { ...BARELY, drifts })?.reason).toBe(reason);
  expect(obstaclesTo({ ...BARELY, drifts })[0]?.message).toBe('no buys with these assets: ETH: 1; MX: 2');
});

it('stops buys with an asset whose balance cannot be read, and no others', () => {
  const facts = { ...BARELY, unreadBalances: [{ asset: 'ETH', problem: 'ETH: unread' }] };
  const buys = ['XRP/ETH', 'ETH/USDT', 'BTC/USDT'].map((symbol) => obstacleFor(order('buy', symbol), facts)?.reason);
  expect(buys).toEqual(['NotReconciled', 'NotReconciled', undefined]);
  expect(obstacleFor(order('sell'), facts)).toBeUndefined();
});

describe('what has not been compared with the venue', () => {
  const on = (symbol: string | undefined, exits: boolean): SendingFacts => ({
    ...BARELY,
    unreconciled: [{ symbol, exits, problem: `${symbol ?? 'balances'}: no answer` }],
  });

  it.each<[string, SendingFacts, readonly (string | undefined)[]]>([
    ['an instrument without an answer takes nothing', on('XRP/ETH', false), ['NotReconciled', 'NotReconciled']],
    ['an instrument whose orders are known takes exits', on('XRP/ETH', true), ['NotReconciled', undefined]],
    ['another instrument takes everything', on('GONE/ETH', false), [undefined, undefined]],
    ['without balances, exits are taken', on(undefined, true), ['NotReconciled', undefined]],
  ])('%s', (_title, facts, [ofBuy, ofSell]) => {
    expect(obstacleFor(order('buy'), facts)?.reason).toBe(ofBuy);
    expect(obstacleFor(order('sell'), facts)?.reason).toBe(ofSell);
    expect(obstaclesTo(facts).some(stopsEverything)).toBe(false);
  });
});

describe('the status and the admission of an order', () => {
  const REFUSED: Readonly<Partial<Record<ObstacleReason, string>>> = { Halted: 'Halted', LedgerDrift: 'ReduceOnly' };

  it.each([
    'Halted',
    'Flattening',
    'Reducing',
    'LedgerDrift',
    'UnknownOrders',
    'SetApart',
    'OtherStack',
    'NotReconciled',
  ] as const)('agree on %s', (reason) => {
    const facts: SendingFacts = { ...BARELY, ...Object.fromEntries(CAUSES)[reason] };
    for (const side of ['buy', 'sell'] as const) {
      const refusal = admissionRefusal(order(side), {
        nowMs: 1,
        tradingState: facts.tradingState,
        isRequested: () => false,
        reduceOnly: hasDrift('XRP/ETH', facts.drifts),
        instrumentKnown: true,
        setApart: facts.setApart.length > 0,
        otherStack: facts.otherStacks.length > 0,
        canary: undefined,
        reconciled: facts.unreconciled.length === 0 || side === 'sell',
        liveStates: facts.unknownSymbols.map(() => ({ kind: 'Intended' })),
      });
      const obstacle = obstacleFor(order(side), facts);
      expect(refusal).toBe(obstacle === undefined ? undefined : (REFUSED[reason] ?? reason));
    }
  });
});
