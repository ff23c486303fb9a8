import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack, SYMBOL, type RiskProcess } from '../../../test/harness/exit-stack.ts';
import { riskTestSettings } from '../../../test/fixtures/risk-settings.ts';
import { xrpEth } from '../../../test/fixtures/risk-state.ts';
import { signalMessage } from '../../shared/contracts/messages/signal.ts';
import { tradeMessage } from '../../shared/contracts/messages/trade.ts';
import { formatDecimal, parseDecimal, subtract, type Decimal } from '../../shared/domain/decimal.ts';
import type { DecisionScope } from '../../shared/domain/release/active-release.ts';

const d = parseDecimal;
const NEW = 'MX/ETH';
const OTHER = 'ADA/ETH';
const LIMITS = { maxDailyLoss: d('0.04'), maxDrawdownPercent: d('2.5') };
let stack: ExitStack;
let version: number;
let processes: RiskProcess[];
/** What each of them may decide; everything, if nothing is said. */
let scopes: DecisionScope[];

beforeEach(() => {
  stack = new ExitStack([SYMBOL, NEW, OTHER]);
  stack.clock.setNow(Date.UTC(2026, 0, 1, 10));
  [version, processes, scopes] = [1, [], []];
});

/** Starts a process of a release with these pairs, beside those that run. */
async function start(...symbols: string[]): Promise<void> {
  stack.settings = { ...riskTestSettings, symbols, breakers: LIMITS };
  const index = processes.length;
  processes.push(await stack.start(() => scopes[index] ?? 'All'));
  const instruments = [SYMBOL, NEW, OTHER].map((symbol) => ({ ...xrpEth, symbol, base: symbol.split('/')[0] ?? '' }));
  stack.market.onInstruments(new Map(instruments.map((instrument) => [instrument.symbol, instrument])));
}

async function end(): Promise<void> {
  await stack.stop();
  processes = [];
}

async function pass(ms: number, hasNew = true): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    version += 1;
    stack.quote('0.0014', String(version));
    for (const symbol of hasNew ? [NEW, OTHER] : [OTHER]) stack.quote('0.001', String(version), symbol);
    for (const { states } of processes) await states.load();
    await stack.clock.advance(100);
  }
}

/** Offers the newest process a buy of MX, and lets it fill if it is approved. */
async function buy(): Promise<string | undefined> {
  const at = stack.clock.nowMs();
  const bar = { strategy: 'trend', symbol: NEW, stance: 'Long', changedAt: at, barClose: at, release: 'r' };
  const trade = { producer: 'ws', seq: 1, symbol: NEW, time: at, receivedAt: at, price: '0.001', quantity: '1' };
  stack.market.onTrade(tradeMessage.parse({ ...trade, takerSide: 'buy' }));
  const signal = signalMessage.parse({ id: `trend:${NEW}:${at}`, ...bar, referencePrice: '1' });
  await processes.at(-1)?.service.onSignals([signal]);
  const code = stack.decisions.at(-1)?.code;
  if (code === 'Approved') own({ ETH: '0.95', MX: '49.9' });
  return code;
}

/** What the ledger has from now on. */
function own(amounts: Readonly<Record<string, string>>): void {
  const before = stack.record.ledger();
  const changed = Object.entries(amounts).map(([asset, amount]) => [asset, d(amount)] as const);
  stack.record.ledger = () => new Map([...before, ...changed]);
}

function lossOfDay(): string {
  const { equity } = stack.risk.breakers;
  const lost: Decimal = equity === undefined ? d('0') : subtract(equity.dayStart, equity.equity);
  return formatDecimal(lost);
}

const tripped = () => stack.risk.breakers.tripped.map(({ breaker }) => breaker);

describe('the first buy of a new pair', () => {
  it.each([
    [100, 'EquityUnknown'],
    [1_000, 'EquityUnknown'],
    [2_000, 'Approved'],
    [3_000, 'Approved'],
    [6_000, 'Approved'],
  ])('trips nothing %i ms after a restart', async (ms, code) => {
    await start(SYMBOL);
    await pass(6_000);
    await end();
    await start(SYMBOL, NEW);
    await pass(ms);
    expect(await buy()).toBe(code);
    await pass(8_000);
    expect([tripped(), lossOfDay()]).toEqual([[], code === 'Approved' ? '0.00007505' : '0']);
  });

  it.each([100, 1_100, 2_300, 3_000, 5_100, 5_400, 5_900, 6_300, 7_000, 7_800])(
    'trips nothing %i ms after the start of the new release beside the one before',
    async (ms) => {
      await start(SYMBOL);
      await pass(6_400);
      await start(SYMBOL, NEW);
      await pass(ms);
      const code = await buy();
      await pass(8_000);
      expect([tripped(), lossOfDay()]).toEqual([[], code === 'Approved' ? '0.00007505' : '0']);
    },
  );

  it('is refused while the asset is not recorded, with the reason', async () => {
    await start(SYMBOL);
    await pass(6_000);
    await start(SYMBOL, NEW);
    await pass(100);
    await buy();
    expect(stack.decisions.at(-1)?.detail).toBe('the equity with MX is not recorded yet');
  });
});

describe.each([
  ['after a restart', true],
  ['beside the release before', false],
])('a sale in a new pair, %s', (_when, isAlone) => {
  it.each([3_000, 5_000, 9_000, 14_000])('%i ms after the start, is no profit that hides a loss', async (ms) => {
    stack.alsoAtVenue.set('MX', d('500'));
    await start(SYMBOL);
    await pass(6_400);
    if (isAlone) await end();
    await start(SYMBOL, NEW);
    await pass(ms);
    own({ ETH: '1.5', MX: '0' });
    await pass(8_000);
    expect([lossOfDay(), tripped()]).toEqual(['0.00025', []]);
    own({ ETH: '1.2' });
    await pass(4_000);
    expect(tripped()).toEqual(['DailyLoss', 'Drawdown']);
  });
});

it('the record of the equity is stored by the newer of two releases', async () => {
  await start(SYMBOL);
  await pass(6_400);
  await start(SYMBOL, NEW);
  await pass(5_000);
  for (let seconds = 0; seconds < 60; seconds += 1) {
    expect(stack.risk.breakers.equity?.assets).toEqual(['ETH', 'MX', 'XRP']);
    await pass(1_000);
  }
});

it('a loss trips its breaker in a release that does not store the record', async () => {
  await start(SYMBOL);
  await pass(6_400);
  await start(SYMBOL, NEW);
  await pass(5_000);
  const [before] = processes;
  own({ ETH: '0.9' });
  await pass(4_000);
  expect(before?.breakers.status()).toMatchObject({ tripped: [{ breaker: 'DailyLoss' }, { breaker: 'Drawdown' }] });
});

it('a reset of the drawdown is fulfilled by the release that stores the record', async () => {
  await start(SYMBOL);
  await pass(6_400);
  await start(SYMBOL, NEW);
  await pass(5_000);
  own({ ETH: '0.9' });
  await pass(8_000);
  expect(tripped()).toEqual(['DailyLoss', 'Drawdown']);
  stack.risk.breakers.resets = [{ id: '1', author: 'ada', reason: 'reviewed' }];
  await pass(8_000);
  expect([tripped(), stack.risk.breakers.resets]).toEqual([['DailyLoss'], []]);
  expect(stack.risk.breakers.equity?.peak).toBe(stack.risk.breakers.equity?.equity);
});

it.each(['All', 'None'] as const)(
  'a gap that ended while another release stored the record hides none after a rollback (meanwhile it decided %s)',
  async (scope) => {
    for (const asset of ['MX', 'ADA']) stack.alsoAtVenue.set(asset, d('500'));
    await start(SYMBOL, NEW);
    await pass(6_400);
    const [older] = processes;
    scopes = [scope, 'All'];
    await start(SYMBOL, NEW, OTHER);
    await pass(6_000);
    expect(stack.risk.breakers.equity?.assets).toContain('ADA');
    await pass(8_000, false);
    await pass(4_000);
    await processes.pop()?.end();
    scopes = ['All'];
    stack.clock.setNow(Date.UTC(2026, 0, 2));
    await stack.compareBalances();
    await pass(40_000, false);
    expect(older?.breakers.status()?.problem).toContain('MX');
    const { assets, dayMs } = stack.risk.breakers.equity ?? {};
    expect([assets, dayMs]).toEqual([['ETH', 'MX', 'XRP'], Date.UTC(2026, 0, 1)]);
  },
);

it('the record of the equity is stored by the release that is active, also one that started first', async () => {
  const assets = () => stack.risk.breakers.equity?.assets;
  const [before, both] = [
    ['ETH', 'XRP'],
    ['ETH', 'MX', 'XRP'],
  ];
  scopes = ['All', 'None'];
  await start(SYMBOL);
  await pass(6_400);
  await start(SYMBOL, NEW);
  await pass(20_000);
  expect(assets()).toEqual(before);
  scopes = ['None', 'All'];
  await pass(2_000);
  expect(assets()).toEqual(both);
  await pass(30_000);
  expect(assets()).toEqual(both);
  // The other one may still store for a moment after a change, so this one waits until it does not.
  scopes = ['All', 'None'];
  await pass(9_000);
  expect(assets()).toEqual(both);
  await pass(8_000);
  expect(assets()).toEqual(before);
});
