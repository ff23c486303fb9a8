import { describe, expect, it, test } from 'vitest';
import { QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import { eventsOf, observedNetwork, type SeenEvent } from './seen-events.ts';

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
  const exitSteps = stops.map((stop) => ({ ...position, kind: 'StopTriggered', stop }) as const);
  const record = { steps: [], exitSteps, orders: [], store: { orders: new Map() } };
  expect(eventsOf({ record, roles: [], successions: [], swaps: [] })).toEqual(['stop TakeProfit', 'stop MaxHolding']);
});
