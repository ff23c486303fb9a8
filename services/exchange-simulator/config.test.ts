import { describe, expect, it } from 'vitest';
import { QUIET_TAPE, XRP_ETH } from '../../test/harness/exchange-simulator.ts';
import { exchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import { settingsProblems } from './config.ts';
import { openingEntryOf, openMarket, readTape } from './open-market.ts';

function settings(instrument: object = {}, tapeSymbol = 'XRP/ETH'): Parameters<typeof settingsProblems>[0] {
  return exchangeSimulatorSettings.parse({
    stack: { id: 'demo-0a1b2c3d', name: 'demo', namespace: 'trading', mode: 'Paper' },
    instruments: [{ ...XRP_ETH, ...instrument }],
    tape: { path: '/tape.csv.gz', symbol: tapeSymbol, speed: 60 },
    requoteMs: 100,
    balances: { ETH: '10', MX: '1' },
    seed: 1,
  });
}

describe('settingsProblems', () => {
  it.each([
    ['accepts valid settings', {}, 'XRP/ETH', undefined],
    [
      'rejects a symbol that does not match its assets',
      { base: 'BTC' },
      'XRP/ETH',
      'instruments[0].symbol: XRP/ETH is not BTC/ETH',
    ],
    [
      'rejects a tick size that the protocol cannot represent',
      { tickSize: '0.05' },
      'XRP/ETH',
      'instruments[0].tickSize: must be',
    ],
    [
      'rejects a lot size that the protocol cannot represent',
      { lotSize: '5' },
      'XRP/ETH',
      'instruments[0].lotSize: must be',
    ],
    [
      'rejects steps whose product has too many decimals',
      { lotSize: '0.00000000001' },
      'XRP/ETH',
      'more than 18 decimals',
    ],
    ['rejects a tape of a pair that is not listed', {}, 'BTC/ETH', 'tape.symbol: BTC/ETH is not among the instruments'],
  ])('%s', (_title, instrument, tapeSymbol, problem) => {
    const problems = settingsProblems(settings(instrument, tapeSymbol));
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems.join('\n')).toContain(problem);
  });
});

describe('opening entry', () => {
  it('keeps its balances when the settings change, and adds new assets at zero', () => {
    const nowMs = 1_767_225_600_000;
    const first = settings();
    const openingEntry = openingEntryOf(first, nowMs);
    expect(openingEntry).toEqual({
      time: nowMs,
      idPrefix: '1767225600000',
      balances: { paper: { ETH: '10', MX: '1' } },
    });
    const later = exchangeSimulatorSettings.parse({
      ...JSON.parse(JSON.stringify({ ...first, balances: {}, instruments: [XRP_ETH] })),
      balances: { ETH: '99', XRP: '5' },
    });
    const tape = readTape(later, QUIET_TAPE);
    const { market } = openMarket({ settings: later, tape, openingEntry, nowMs: nowMs + 1 });
    const { ledger } = market.engine;
    expect(ledger.free('paper', 'ETH')).toBe(10n ** 19n);
    expect(ledger.free('paper', 'XRP')).toBe(0n);
    expect(market.engine.book('XRP/ETH').version).toBe((nowMs + 1) * 1_000);
  });
});
