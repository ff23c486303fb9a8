import { formatDecimal, parseDecimal, ZERO, type Decimal } from '../shared/domain/decimal.ts';
import type { ExchangeSimulatorSettings } from '../shared/contracts/settings/exchange-simulator.ts';
import { Ledger } from './core/ledger.ts';
import { Market } from './core/market.ts';
import { parseTape } from './core/tape.ts';
import type { AccountEvent } from './core/events.ts';

/** The one account of this venue. */
export const PAPER_ACCOUNT = 'paper';

/** What the journal remembers of the founding. */
export interface Founding {
  readonly time: number;
  readonly idPrefix: string;
  readonly balances: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How a venue of these settings is founded at `now`: later lives keep what the first one wrote. */
export function foundingOf(settings: ExchangeSimulatorSettings, now: number): Founding {
  const balances = Object.entries(settings.balances).map(([asset, amount]) => [asset, formatDecimal(amount)] as const);
  return { time: now, idPrefix: String(now), balances: { [PAPER_ACCOUNT]: Object.fromEntries(balances) } };
}

export interface FoundedVenue {
  readonly market: Market;
  /** A second ledger at the same place, for the private stream. */
  readonly follower: Ledger;
}

/**
 * A market as its journal left it: founded as remembered, with every event of its accounts, not yet open. Throws TapeError where the tape cannot be played,
 * and Error where the events do not fit one another.
 */
export function restoreVenue(options: {
  readonly settings: ExchangeSimulatorSettings;
  readonly tapeText: string;
  readonly founding: Founding;
  readonly events: readonly AccountEvent[];
  readonly now: number;
}): FoundedVenue {
  const { settings, tapeText, founding, events, now } = options;
  const { instruments, tape, requoteMs, seed } = settings;
  const instrument = instruments.find(({ symbol }) => symbol === tape.symbol);
  if (instrument === undefined) throw new Error(`the tape's pair ${tape.symbol} is not listed`);
  const opening = openingOf(founding, settings);
  const market = new Market({
    instruments,
    opening,
    tape: parseTape(tapeText, instrument),
    tapeSymbol: tape.symbol,
    speed: tape.speed,
    requoteMs,
    seed,
    originMs: founding.time,
    idPrefix: founding.idPrefix,
    // A client that kept a version over our restart must see a jump, never an older number.
    firstVersion: now * VERSIONS_PER_MS,
  });
  const follower = new Ledger({ opening });
  for (const event of events) {
    market.exchange.restore(event);
    follower.evolve(event);
  }
  market.exchange.resume();
  return { market, follower };
}

/** The book changes less often than this, so versions from the clock stay above those of an earlier life. */
const VERSIONS_PER_MS = 1_000;

/** Assets that came into the settings after the founding begin at zero. */
function openingOf(founding: Founding, settings: ExchangeSimulatorSettings): Record<string, Record<string, Decimal>> {
  const opening: Record<string, Record<string, Decimal>> = {};
  for (const [account, assets] of Object.entries(founding.balances)) {
    const later = Object.keys(settings.balances).map((asset) => [asset, ZERO] as const);
    const first = Object.entries(assets).map(([asset, text]) => [asset, parseDecimal(text)] as const);
    opening[account] = Object.fromEntries([...later, ...first]);
  }
  return opening;
}
