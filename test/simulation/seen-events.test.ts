import { describe, expect, it, test } from 'vitest';
import type { BreakerStep } from '../../services/replay/core/breaker-step.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { ORDER_REFUSALS, SOUND_VENUE } from '../../services/replay/core/venue-faults.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import {
  EXPECTED_EVENTS,
  EXPECTED_OF_STACK,
  EXPECTED_OF_SWAPS,
  breakerEvents,
  driftEvents,
  eventsOf,
  observedNetwork,
  observedVenue,
  positionEvents,
  type SeenEvent,
} from './seen-events.ts';

describe('a network under observation', () => {
  const draw = (network: Network): readonly unknown[] => [
    network.fate(false),
    network.hiddenMs(),
    network.losesPush(),
    network.losesStatement(),
  ];

  it('draws what the network draws, and reports no fault of a quiet one', () => {
    const { network, faults } = observedNetwork(QUIET_NETWORK);
    expect(draw(network)).toEqual(draw(QUIET_NETWORK));
    expect([...faults]).toEqual([]);
  });

  const cases: readonly (readonly [SeenEvent, Partial<Network>])[] = [
    ['fault RequestLost', { fate: () => 'RequestLost' }],
    ['fault ReplyLost', { fate: () => 'ReplyLost' }],
    ['fault RequestLate', { fate: () => 'RequestLate' }],
    ['fault OrderHidden', { hiddenMs: () => 1 }],
    ['fault PushLost', { losesPush: () => true }],
    ['fault StatementLost', { losesStatement: () => true }],
  ];

  it.each(cases)('reports %s alone', (event, change) => {
    const faulty = { ...QUIET_NETWORK, ...change };
    const { network, faults } = observedNetwork(faulty);
    expect(draw(network)).toEqual(draw(faulty));
    expect([...faults]).toEqual([event]);
  });
});

test('reports the changes of the sender that happened, and no unknown order on a quiet network', async () => {
  const settings = sampleSettings();
  const successions = [
    { afterMs: 10_000_000, kind: 'Killed' },
    { afterMs: 20_000, kind: 'Drained' },
  ] as const;
  const options = { settings, tape: sampleTape(settings), network: QUIET_NETWORK, playMs: 120_000, successions };
  const seen = new Set<string>(eventsOf(await runReplay(options)));
  expect([...seen].filter((event) => event.startsWith('sender'))).toEqual(['sender Drained']);
  expect(seen).toContain('state Intended');
  expect(seen).toContain('state Filled');
  expect(seen).not.toContain('state Unknown');
  expect(seen).not.toContain('run FourSenders');
  expect(seen).not.toContain('run OrderNeverArrived');
});

test('reports each stop that triggered', () => {
  const position = { strategy: 'cross', symbol: 'XRP/ETH', at_ms: 1 };
  const stops = ['TakeProfit', 'MaxHolding'] as const;
  const exitSteps = stops.map((stop) => ({ ...position, kind: 'StopTriggered', stop, reached_at: 1 }) as const);
  const record = { steps: [], exitSteps, orders: [], store: { orders: new Map() } };
  expect(eventsOf({ record, roles: [], successions: [], swaps: [] })).toEqual(['stop TakeProfit', 'stop MaxHolding']);
});

test.each(ORDER_REFUSALS)('reports the refusal of an order: %s', (refusal) => {
  const { faults, seen } = observedVenue({ ...SOUND_VENUE, orderRefusal: () => refusal });
  expect([...seen]).toEqual([]);
  expect(faults.orderRefusal()).toBe(refusal);
  expect([...seen]).toEqual([`venue Refused${refusal}`]);
});

describe('a buy of an asset that is paid for with another one', () => {
  const at = { strategy: 'cross', at_ms: 1 };
  const held = (symbol: string, quantity: string): ExitStep => {
    return { ...at, symbol, kind: 'Held', quantity: parseDecimal(quantity) };
  };
  const approved = (symbol: string, side: 'buy' | 'sell'): ExitStep => {
    return { ...at, symbol, kind: 'Approved', side, client_order_id: 'a' };
  };

  test('is reported while a position holds some of that', () => {
    const steps = [held('XRP/ETH', '1'), approved('ADA/XRP', 'buy')];
    expect(positionEvents(steps)).toEqual(['run HeldAssetSpent']);
  });

  test.each<[string, readonly ExitStep[]]>([
    ['before there is a position', [approved('ADA/XRP', 'buy'), held('XRP/ETH', '1')]],
    ['after it was left', [held('XRP/ETH', '1'), held('XRP/ETH', '0'), approved('ADA/XRP', 'buy')]],
    ['when it is a sale', [held('XRP/ETH', '1'), approved('ADA/XRP', 'sell')]],
    ['when the position is of another asset', [held('XRPX/ETH', '1'), approved('ADA/XRP', 'buy')]],
    ['when the position is paid for with it too', [held('BTC/XRP', '1'), approved('ADA/XRP', 'buy')]],
  ])('is not reported %s', (_when, steps) => {
    expect(positionEvents(steps)).toEqual([]);
  });
});

describe('a breaker of loss or drawdown', () => {
  const step = (kind: BreakerStep['kind'], afterSteps: number, breaker: BreakerStep['breaker'] = 'Drawdown') => {
    return { kind, breaker, symbol: '', at_ms: 1, afterSteps };
  };
  const trade = (side: 'buy' | 'sell'): ExitStep => {
    return { strategy: 'cross', symbol: 'XRP/ETH', at_ms: 1, kind: 'Approved', side, client_order_id: 'a' };
  };

  test.each<[string, BreakerStep[], ExitStep[], SeenEvent[]]>([
    ['tripped', [step('Tripped', 0)], [], ['run BreakerTripped']],
    ['left', [step('Tripped', 0), step('Left', 0)], [trade('sell')], ['run BreakerTripped', 'run BreakerLeft']],
    ['let a sale pass', [step('Tripped', 0)], [trade('sell')], ['run BreakerTripped', 'run SoldWhileTripped']],
    [
      'let a buy follow it',
      [step('Tripped', 0), step('Left', 1)],
      [trade('sell'), trade('buy')],
      ['run BreakerTripped', 'run BreakerLeft', 'run SoldWhileTripped', 'run BoughtAfterBreaker'],
    ],
    ['came after the trades', [step('Tripped', 2)], [trade('sell'), trade('buy')], ['run BreakerTripped']],
    ['was one of an instrument', [step('Tripped', 0, 'PriceMove')], [trade('sell')], []],
  ])('is reported that %s', (_what, breakerSteps, exitSteps, events) => {
    expect(breakerEvents({ breakerSteps, exitSteps })).toEqual(events);
  });
});

describe('a drift that a person ends', () => {
  const periods = [{ asset: 'XRP', fromMs: 1_000, toMs: 9_000 }];
  const sent = (side: 'buy' | 'sell', at_ms: number): OrderStep => {
    return { client_order_id: 'a', epoch: 1, symbol: 'XRP/ETH', side, state: 'Intended', at_ms };
  };

  test.each<[string, boolean, OrderStep[], SeenEvent[]]>([
    ['began', false, [], ['run Drift']],
    ['ended', true, [sent('sell', 9_001), sent('buy', 999)], ['run Drift', 'run DriftBooked']],
    ['let a sale pass', false, [sent('sell', 2_000)], ['run Drift', 'run SoldBesideDrift']],
    ['let a buy follow it', true, [sent('buy', 9_001)], ['run Drift', 'run DriftBooked', 'run BoughtAfterDrift']],
  ])('is reported that %s', (_what, isSettled, steps, events) => {
    expect(driftEvents({ periods, isSettled }, steps)).toEqual(events);
  });

  test('is not reported where nothing drifted', () => {
    expect(driftEvents({ periods: [], isSettled: true }, [sent('buy', 1), sent('sell', 1)])).toEqual([]);
  });
});

const DRIFTS = ['Drift', 'DriftBooked', 'SoldBesideDrift', 'BoughtAfterDrift'] as const;

test('every model must show a rejected order, and the whole stack each refusal and a held asset that is spent', () => {
  for (const expected of [EXPECTED_EVENTS, EXPECTED_OF_SWAPS, EXPECTED_OF_STACK])
    expect(expected).toContain('state Rejected');
  const refusals = ORDER_REFUSALS.map((refusal) => `venue Refused${refusal}` as const);
  const breakers = ['BreakerTripped', 'BreakerLeft', 'SoldWhileTripped', 'BoughtAfterBreaker', ...DRIFTS].map(
    (name) => `run ${name}`,
  );
  expect(EXPECTED_OF_STACK).toEqual(expect.arrayContaining([...refusals, 'run HeldAssetSpent', ...breakers]));
});
