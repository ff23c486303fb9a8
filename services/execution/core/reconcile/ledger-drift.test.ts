import { describe, expect, it } from 'vitest';
import { formatDecimal, ONE, parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { describeDrift, watchDrift, type BalanceReading, type DriftWatch } from './ledger-drift.ts';

type Amounts = Readonly<Record<string, string>>;

const TOLERANCES = balances({ ETH: '0.001', XRP: '0.1', MX: '0' });

function balances(amounts: Amounts): ReadonlyMap<string, Decimal> {
  return new Map(Object.entries(amounts).map(([asset, amount]) => [asset, parseDecimal(amount)]));
}

/** Balances of the venue first, then of the ledger; then how far our own orders may move an asset at the venue. */
function reading(
  venue: Amounts,
  ledger: Amounts,
  moves: Readonly<Record<string, readonly [string, string]>> = {},
): BalanceReading {
  const movable = Object.entries(moves).map(
    ([asset, [least, most]]) => [asset, { least: parseDecimal(least), most: parseDecimal(most) }] as const,
  );
  return { venue: balances(venue), ledger: balances(ledger), tolerances: TOLERANCES, movable: new Map(movable) };
}

function watched(...readings: readonly BalanceReading[]): DriftWatch {
  return readings.reduce<DriftWatch>(
    ({ suspects, drifts }, next) => watchDrift({ suspects, drifting: new Set(drifts.map(({ asset }) => asset)) }, next),
    { suspects: [], drifts: [], tolerated: [] },
  );
}

function driftsOf(...readings: readonly BalanceReading[]): readonly string[] {
  return watched(...readings).drifts.map(({ asset }) => asset);
}

const equal = reading({ ETH: '2' }, { ETH: '2' });
const thrice = (venue: Amounts, ledger: Amounts) => Array.from({ length: 3 }, () => reading(venue, ledger));
const short = reading({ ETH: '1' }, { ETH: '2' });
/** Readings of a venue whose balance somebody else changes each time, against a ledger of 2. */
const changing = (...venue: readonly string[]) => venue.map((ETH) => reading({ ETH }, { ETH: '2' }));
/** The same after a posting of 3. */
const posted = (count: number) =>
  ['3.7', '3.3', '3.9', '3.2'].slice(0, count).map((ETH) => reading({ ETH }, { ETH: '5' }));
/** Three readings after each of three transfers of the same amount. */
const adding = (amount: string) =>
  [1n, 2n, 3n].flatMap((count) =>
    thrice({ ETH: formatDecimal((2n * ONE + count * parseDecimal(amount)) as Decimal) }, { ETH: '2' }),
  );
const beside = (...venue: readonly string[]) =>
  venue.map((ETH) => reading({ ETH }, { ETH: '2' }, { ETH: ['-0.5', '0.25'] }));

describe('watchDrift', () => {
  it.each<[string, readonly BalanceReading[], readonly string[]]>([
    ['nothing while both sides agree', [equal, equal, equal], []],
    ['nothing after two readings', [short, short], []],
    ['a drift after three readings', [short, short, short], ['ETH']],
    ['nothing while the difference changes, in five readings', changing('1', '1.5', '1', '1', '3'), []],
    ['a drift after six readings whose differences change', changing('1', '1.5', '1', '3', '1', '1.7'), ['ETH']],
    ['a drift of an amount that grows without end', changing('2.01', '2.02', '2.03', '2.04', '2.05', '2.06'), ['ETH']],
    [
      'nothing when both sides agreed in between, of differences that change',
      [...changing('1', '1.5', '1'), equal, ...changing('1.5', '1', '1.5', '1', '1.5')],
      [],
    ],
    [
      'nothing while each change comes with a posting',
      ['1', '1.5', '1', '3', '1', '1.7', '4', '9'].map((ETH, index) => reading({ ETH }, { ETH: `${20 + index}` })),
      [],
    ],
    ['nothing after five readings without a posting between them', [...changing('1', '1.5', '1'), ...posted(2)], []],
    [
      'a drift after six readings, without the one after a posting',
      [...changing('1', '1.5', '1'), ...posted(4)],
      ['ETH'],
    ],
    [
      'a drift after six readings, one of them after a posting and of the same amount as before',
      [...changing('1', '1.5', '1.4'), ...['1.9', '1.8', '1.7'].map((ETH) => reading({ ETH }, { ETH: '2.5' }))],
      ['ETH'],
    ],
    ['nothing while our own orders explain what changes', beside('1.5', '2.25', '1.6', '2.1', '1.7', '1.8', '2.2'), []],
    ['a drift of more than our own orders can buy', beside('2.26', '2.3', '2.4', '2.26', '2.3', '2.4'), ['ETH']],
    ['a drift of more than our own orders can sell', beside('1.4', '1.3', '1.49', '1.2', '1.1', '1.3'), ['ETH']],
    ['a drift of the same amount although our own orders explain it', beside('1.6', '1.6', '1.6'), ['ETH']],
    ['nothing when both sides agreed in between', [short, short, equal, short, short], []],
    [
      'a drift when fills change both sides between readings',
      [short, reading({ ETH: '0.7' }, { ETH: '1.7' }), reading({ ETH: '5' }, { ETH: '6' })],
      ['ETH'],
    ],
    [
      'a drift when fills fall between the reads of another asset',
      [
        reading({ ETH: '1', XRP: '10' }, { ETH: '2', XRP: '20' }),
        reading({ ETH: '1', XRP: '30' }, { ETH: '2', XRP: '30' }),
        reading({ ETH: '1', XRP: '50' }, { ETH: '2', XRP: '45' }),
      ],
      ['ETH'],
    ],
    ['a drift of an asset that the ledger lacks', Array.from({ length: 3 }, () => reading({ MX: '1' }, {})), ['MX']],
    ['a drift of an asset that the venue lacks', Array.from({ length: 3 }, () => reading({}, { MX: '1' })), ['MX']],
    [
      'a drift even when a fill between the reads changes its amount once',
      [short, short, short, reading({ ETH: '9' }, { ETH: '2' })],
      ['ETH'],
    ],
    ['nothing of an asset that is not traded', thrice({ DOGE: '5' }, { BNB: '1' }), []],
    ['nothing below the tolerance', thrice({ ETH: '1.999000000000000001' }, { ETH: '2' }), []],
    ['nothing below the tolerance on the other side', thrice({ ETH: '2.000000000000000001' }, { ETH: '2' }), []],
    ['a drift once differences below the tolerance add up to it', adding('0.0004'), ['ETH']],
    ['nothing while they add up to less', adding('0.0003'), []],
    ['a drift of exactly the tolerance', thrice({ ETH: '1.999' }, { ETH: '2' }), ['ETH']],
    ['a surplus of exactly the tolerance', thrice({ ETH: '2.001' }, { ETH: '2' }), ['ETH']],
    ['the smallest drift of an asset without tolerance', thrice({ MX: '0.000000000000000001' }, {}), ['MX']],
    ['the tolerance of its own asset only', thrice({ XRP: '0.05', ETH: '0.05' }, {}), ['ETH']],
    [
      'no drift once the rest is below the tolerance',
      [short, short, short, reading({ ETH: '1.9995' }, { ETH: '2' })],
      [],
    ],
    ['no drift once both sides agree again', [short, short, short, equal], []],
  ])('reports %s', (_title, readings, drifts) => {
    expect(driftsOf(...readings)).toEqual(drifts);
  });

  it('needs one reading for an asset that drifted before, such as before a restart', () => {
    const { drifts } = watchDrift(
      { suspects: [], drifting: new Set(['ETH', 'MX']) },
      reading({ XRP: '9' }, { ETH: '2' }),
    );
    expect(drifts.map(describeDrift)).toEqual(['ETH: ledger 2, venue 0, difference -2']);
  });

  it('shows the last differences below the tolerance, and which of them are none of it', () => {
    const below = reading({ ETH: '1.9996', XRP: '5', MX: '1' }, { ETH: '2', XRP: '5', MX: '0' });
    const { tolerated, suspects } = watched(equal, below);
    expect(tolerated.map(describeDrift)).toEqual(['ETH: ledger 2, venue 1.9996, difference -0.0004']);
    expect(suspects.map(({ asset }) => asset)).toEqual(['MX']);
    expect(watched(below, equal).tolerated).toEqual([]);
  });

  it('updates the amounts when a drift grows', () => {
    const more = reading({ ETH: '0.5' }, { ETH: '2' });
    const { drifts } = watched(short, short, short, more, more, more);
    expect(drifts.map(describeDrift)).toEqual(['ETH: ledger 2, venue 0.5, difference -1.5']);
  });
});
