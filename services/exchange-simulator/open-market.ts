import { formatDecimal, parseDecimal, ZERO, type Decimal } from '../shared/domain/decimal.ts';
import type { ExchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import { Ledger } from './core/ledger.ts';
import { Market } from './core/market.ts';
import { parseTape, type Tape } from './core/tape.ts';
import type { AccountEvent } from './core/events.ts';
import type { OpeningEntry } from './store/journal-entry.ts';

/** The only account of this venue. */
export const PAPER_ACCOUNT = 'paper';

/** Returns the opening entry of a venue first started at `nowMs`. Later runs keep the entry of the first run. */
export function openingEntryOf(settings: ExchangeSimulatorSettings, nowMs: number): OpeningEntry {
  const balances = Object.entries(settings.balances).map(([asset, amount]) => [asset, formatDecimal(amount)] as const);
  return { time: nowMs, idPrefix: String(nowMs), balances: { [PAPER_ACCOUNT]: Object.fromEntries(balances) } };
}

export interface OpenedMarket {
  readonly market: Market;
  /** Second ledger with the same balances and open orders, for the private stream. */
  readonly follower: Ledger;
  /** Replays one event of an earlier run. */
  restore(event: AccountEvent): void;
}

/**
 * Creates the market of a venue from its opening entry. The caller restores the events of earlier runs, then calls
 * `Market.open`.
 */
export function openMarket(options: {
  readonly settings: ExchangeSimulatorSettings;
  readonly tape: Tape;
  readonly openingEntry: OpeningEntry;
  readonly nowMs: number;
}): OpenedMarket {
  const { settings, tape, openingEntry, nowMs } = options;
  const opening = openingBalancesOf(openingEntry, settings);
  const market = new Market({
    instruments: settings.instruments,
    opening,
    tape,
    tapeSymbol: settings.tape.symbol,
    speed: settings.tape.speed,
    requoteMs: settings.requoteMs,
    seed: settings.seed,
    originMs: openingEntry.time,
    idPrefix: openingEntry.idPrefix,
    // A client that kept a version across our restart must see a jump, never an older version.
    firstVersion: nowMs * VERSIONS_PER_MS,
  });
  // The private stream reports an order right after its event. It asks for no history.
  const follower = new Ledger({ opening, keepOrders: 1, keepFills: 0 });
  return {
    market,
    follower,
    restore: (event) => {
      market.engine.restore(event);
      follower.evolve(event);
    },
  };
}

/** Parses the tape's text into ticks and lots of its pair. Throws TapeError. */
export function readTape(settings: ExchangeSimulatorSettings, text: string): Tape {
  const instrument = settings.instruments.find(({ symbol }) => symbol === settings.tape.symbol);
  if (instrument === undefined) throw new Error(`the tape's pair ${settings.tape.symbol} is not listed`);
  return parseTape(text, instrument);
}

/** The book changes less often than this, so versions derived from the clock exceed those of an earlier run. */
const VERSIONS_PER_MS = 1_000;

/** Assets added to the settings after the first start have a balance of zero. */
function openingBalancesOf(
  openingEntry: OpeningEntry,
  settings: ExchangeSimulatorSettings,
): Record<string, Record<string, Decimal>> {
  const opening: Record<string, Record<string, Decimal>> = {};
  for (const [account, assets] of Object.entries(openingEntry.balances)) {
    const later = Object.keys(settings.balances).map((asset) => [asset, ZERO] as const);
    const first = Object.entries(assets).map(([asset, text]) => [asset, parseDecimal(text)] as const);
    opening[account] = Object.fromEntries([...later, ...first]);
  }
  return opening;
}
