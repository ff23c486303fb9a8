import { effectsOf } from '../../../services/execution/core/order-effects.ts';
import { START_MS } from '../../../services/replay/context.ts';
import type { ReplayRecord } from '../../../services/replay/record.ts';
import type { ReplayVenue } from '../../../services/replay/venue/replay-venue.ts';
import type { Intervention } from '../../../services/replay/run-replay.ts';
import { add, ZERO, type Decimal } from '../../../services/shared/domain/decimal.ts';
import type { Fill } from '../../../services/shared/domain/orders/fill.ts';
import { FLAT } from '../../../services/shared/domain/position.ts';
import type { DriftPeriod } from '../../judges/drift-violations.ts';
import type { AccountTransfer } from '../../judges/uncovered-positions.ts';

const LOOKS_MS = 1_000;
/** From when a drift is shown until a person has found the trade in the app of the venue; at once after the play. */
const FINDS_MS = 15_000;
/** After the play, so that what was traded late is booked, and compared, before the run ends. */
const AFTER_MS = 45_000;

type Store = ReplayRecord['store'];

/** A person who watches the ledger, and books trades of somebody else as transfers. */
export class Bookkeeper {
  /** One look each second of a run of `playMs`. */
  readonly interventions: readonly Intervention[];
  /** From when an asset drifted until the person booked what explains it, by what was seen each second. */
  readonly periods: DriftPeriod[] = [];
  /** What somebody else's trades moved. */
  readonly transfers: AccountTransfer[] = [];
  /** Whether all is booked, and no asset drifts any more. */
  isSettled = false;
  #shown: { readonly assets: readonly string[]; readonly atMs: number } | undefined;
  #seenFills = 0;
  #booked = 0;
  readonly #playEndMs: number;

  constructor(playMs: number) {
    this.#playEndMs = START_MS + playMs;
    const looks = Array.from({ length: Math.ceil((playMs + AFTER_MS) / LOOKS_MS) }, (_, index) => index * LOOKS_MS);
    this.interventions = looks.map((afterMs) => ({
      afterMs,
      act: ({ store }, venue) => {
        this.#readFills(store, venue);
        this.#readDrift(store, START_MS + afterMs);
        this.#book(store, START_MS + afterMs);
      },
    }));
  }

  #readFills(store: Store, { foreignFills }: ReplayVenue): void {
    const added = foreignFills.slice(this.#seenFills);
    this.#seenFills = foreignFills.length;
    this.transfers.push(...added.flatMap((fill) => transfersOf(fill, store.fills.all.length)));
  }

  #readDrift(store: Store, atMs: number): void {
    const assets = [...store.drifting];
    const isBooked = this.#booked === this.transfers.length;
    this.isSettled = isBooked && store.transfers.length === 0 && assets.length === 0;
    if (assets.length > 0 && !isBooked) this.#shown ??= { assets, atMs };
  }

  #book(store: Store, atMs: number): void {
    if (this.#shown === undefined || atMs < Math.min(this.#shown.atMs + FINDS_MS, this.#playEndMs)) return;
    const { assets, atMs: fromMs } = this.#shown;
    this.#shown = undefined;
    this.periods.push(...assets.map((asset) => ({ asset, fromMs, toMs: atMs })));
    for (const { asset, amount } of this.transfers.slice(this.#booked)) {
      this.#booked += 1;
      store.transfers.push({ id: String(this.#booked), asset, amount, author: 'ada', reason: 'bought in the app' });
    }
  }
}

function transfersOf(fill: Fill, afterTrades: number): readonly AccountTransfer[] {
  const moved = new Map<string, Decimal>();
  for (const { account, asset, amount } of effectsOf(fill, FLAT).postings)
    if (account === 'venue') moved.set(asset, add(moved.get(asset) ?? ZERO, amount));
  return [...moved].map(([asset, amount]) => ({ asset, amount, afterTrades }));
}
