import { describe, expect, it } from 'vitest';
import { QUIET_TAPE, XRP_ETH } from '../../../test/harness/exchange-simulator.ts';
import { Market } from '../../exchange-simulator/core/market.ts';
import { parseTape } from '../../exchange-simulator/core/tape.ts';
import { instrumentMessage } from '../../shared/contracts/messages/instrument.ts';
import { add, negate, parseDecimal, subtract, ZERO } from '../../shared/domain/decimal.ts';
import { QUIET_NETWORK } from '../core/network.ts';
import { createScheduler } from '../core/scheduler.ts';
import { SOUND_VENUE, type FeeCoin, type VenueFaults } from '../core/venue-faults.ts';
import { ACCOUNT } from './account-views.ts';
import { drawnFees, FEE_COIN } from './fee-rule.ts';
import { createReplayVenue, type PrivatePush } from './replay-venue.ts';

const START_MS = Date.UTC(2026, 0, 1);
const d = parseDecimal;
const INSTRUMENT = instrumentMessage.parse(XRP_ETH);

/** A venue with the given faults, on which an order is filled at once. */
async function filled(faults: Partial<VenueFaults>, { coins = '1', wired = false } = {}) {
  const scheduler = createScheduler(START_MS);
  const all = { ...SOUND_VENUE, ...faults };
  const market: Market = new Market({
    instruments: [INSTRUMENT],
    opening: { [ACCOUNT]: { ETH: d('10'), [FEE_COIN]: d(coins) } },
    tape: parseTape(QUIET_TAPE, INSTRUMENT),
    tapeSymbol: INSTRUMENT.symbol,
    speed: 1,
    requoteMs: 50,
    seed: 7,
    originMs: START_MS,
    idPrefix: '7',
    feeRule: drawnFees(all, (account) => market.engine.ledger.balance(account, FEE_COIN).free),
  });
  market.open(START_MS);
  const pushes: PrivatePush[] = [];
  const venue = createReplayVenue({
    market,
    scheduler,
    network: QUIET_NETWORK,
    faults: all,
    isTroubled: () => false,
    wired,
    onEvents: () => {},
    onPush: (push) => pushes.push(push),
  });
  const client = venue.clientFor(scheduler);
  await scheduler.run(START_MS + 2_000);
  const before = venue.holdings();
  const terms = { timestampMs: scheduler.nowMs(), recvWindowMs: 2_000, refusal: () => undefined };
  const order = { symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT', price: d('0.00141'), quantity: d('10') } as const;
  void client.place({ ...order, clientOrderId: 'own' }, terms);
  const pass = async (ms: number): Promise<void> => void (await scheduler.run(scheduler.nowMs() + ms));
  const answered = async <T>(asked: Promise<T>): Promise<T> => {
    await pass(8);
    return await asked;
  };
  await pass(4);
  return { venue, client, pushes, before, pass, answered };
}

const fillsIn = (pushes: readonly PrivatePush[]): number => pushes.filter(({ kind }) => kind === 'fill').length;

it('repeats a push, also one that the network loses in order', async () => {
  const { pushes, pass } = await filled({ copyMs: () => 900 });
  await pass(100);
  expect(fillsIn(pushes)).toBe(1);
  await pass(1_000);
  expect(fillsIn(pushes)).toBe(2);
});

it('lets later pushes overtake one', async () => {
  // Of the order and of its fill, in the order of the events.
  const delays = [undefined, 700, undefined];
  const { pushes, pass } = await filled({ overtakenMs: () => delays.shift() });
  await pass(1_000);
  const kinds = pushes.map((push) => (push.kind === 'fill' ? 'fill' : push.report.status));
  expect(kinds).toEqual(['Filled', 'Filled', 'fill']);
});

describe.each([
  ['a client without bytes', false],
  ['the real client', true],
])('shows %s what is late and what is not its own:', (_name, wired) => {
  it('omits a fill from the lists for a time', async () => {
    const { client, answered, pass } = await filled({ fillLateMs: () => 500 }, { wired });
    const list = async () => await answered(client.fills('XRP/ETH', { fromMs: 0 }));
    expect(await list()).toEqual({ kind: 'ok', value: { fills: [], unread: [], complete: true } });
    await pass(500);
    expect(await list()).toMatchObject({ kind: 'ok', value: { fills: [{ clientOrderId: 'own' }], complete: true } });
  });

  it('answers with the balances of before the fill', async () => {
    const { client, answered, pass, before } = await filled({ balanceLateMs: () => 500 }, { wired });
    const ether = async () => {
      const reply = await answered(client.balances());
      return reply.kind === 'ok' ? reply.value.get('ETH')?.free : undefined;
    };
    expect(await ether()).toBe(before.get('ETH'));
    await pass(500);
    expect(await ether()).not.toBe(before.get('ETH'));
  });

  it('has orders of somebody else, which its log leaves out, and which end by themselves', async () => {
    const { venue, client, answered, pass } = await filled({ foreignAfterMs: () => 3_000 }, { wired });
    await pass(1_500);
    expect([...venue.foreign]).toEqual([['byhand1', 'sell']]);
    const open = async () => await answered(client.openOrders('XRP/ETH'));
    expect(await open()).toMatchObject({
      kind: 'ok',
      value: [{ clientOrderId: 'byhand1', status: 'New', side: 'sell', quantity: d('10') }],
    });
    await pass(7_000);
    expect(venue.foreign.size).toBeGreaterThan(1);
    expect(venue.log.filter(({ clientOrderId }) => clientOrderId !== 'own')).toEqual([]);
  });

  it('has somebody else buy once at the market, which its log leaves out', async () => {
    const { venue, pass } = await filled({ foreignBuyAfterMs: () => 3_000 }, { wired });
    const before = venue.holdings();
    await pass(1_500);
    expect([...venue.foreign]).toEqual([['byhand1', 'buy']]);
    expect(venue.foreignFills).not.toEqual([]);
    expect(
      venue.foreignFills.filter(({ clientOrderId, side }) => clientOrderId !== 'byhand1' || side !== 'buy'),
    ).toEqual([]);
    const bought = venue.foreignFills.map(({ quantity }) => quantity).reduce(add, ZERO);
    expect(venue.holdings().get('XRP')).toBe(add(before.get('XRP') ?? ZERO, bought));
    expect(venue.log.filter(({ clientOrderId }) => clientOrderId !== 'own')).toEqual([]);
    await pass(60_000);
    expect(venue.foreign.size).toBe(1);
  });

  it('limits every request for the time that it names', async () => {
    const limits = [undefined, 2_000];
    const { client, answered, pass } = await filled({ limitMs: () => limits.shift() }, { wired });
    expect(await answered(client.balances())).toEqual({ kind: 'rateLimited', retryAfterMs: 2_000 });
    await pass(1_000);
    expect(await answered(client.order('XRP/ETH', 'own'))).toMatchObject({ kind: 'rateLimited' });
    await pass(1_000);
    expect(await answered(client.order('XRP/ETH', 'own'))).toMatchObject({ kind: 'ok', value: { status: 'Filled' } });
  });

  it('bans the account after a request in a limit', async () => {
    const limits = [undefined, 2_000];
    const { client, answered, pass } = await filled({ limitMs: () => limits.shift(), banMs: () => 3_000 }, { wired });
    expect(await answered(client.balances())).toEqual({ kind: 'rateLimited', retryAfterMs: 2_000 });
    expect(await answered(client.balances())).toEqual({ kind: 'rateLimited', retryAfterMs: 3_000, banned: true });
    await pass(3_000);
    expect(await answered(client.order('XRP/ETH', 'own'))).toMatchObject({ kind: 'ok', value: { status: 'Filled' } });
  });

  it('fails before it cancels an order, or after', async () => {
    const failures = [undefined, 'BeforeAccept', 'AfterAccept'] as const;
    let asked = 0;
    const failure = (): 'BeforeAccept' | 'AfterAccept' | undefined => failures[asked++];
    const { client, answered } = await filled({ failure }, { wired });
    const terms = { timestampMs: 0, recvWindowMs: 2_000, refusal: () => 'not now' };
    const order = { symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT', price: d('0.001'), quantity: d('10') } as const;
    expect(await client.place({ ...order, clientOrderId: 'held' }, terms)).toEqual({
      kind: 'notSent',
      reason: 'not now',
    });
    expect(asked).toBe(1);
    for (const id of ['own', 'own'])
      expect(await answered(client.cancel('XRP/ETH', id))).toMatchObject({ kind: 'unknown' });
    expect(asked).toBe(3);
  });
});

it.each<readonly [FeeCoin, string, string, string]>([
  ['Quote', '1', 'ETH', '1'],
  ['Received', '1', 'XRP', '1'],
  ['Third', '1', FEE_COIN, '40'],
  // What the coins do not cover.
  ['Third', '0', 'ETH', '1'],
])('charges %s with %s coins in %s', async (feeCoin, coins, asset) => {
  const { venue, before } = await filled({ feeCoin: () => feeCoin }, { coins });
  const fill = venue.log.find(({ kind }) => kind === 'fill');
  expect(fill?.feeAsset).toBe(asset);
  const fee = d(fill?.fee ?? '0');
  expect(fee).toBeGreaterThan(0n);
  const after = venue.holdings();
  const change = (of: string) => subtract(after.get(of) ?? d('0'), before.get(of) ?? d('0'));
  const paid = (of: string) => (of === asset ? fee : d('0'));
  expect(change('XRP')).toBe(subtract(d('10'), paid('XRP')));
  expect(add(change('ETH'), paid('ETH'))).toBe(d('-0.01410'));
  expect(change(FEE_COIN)).toBe(negate(paid(FEE_COIN)));
});
