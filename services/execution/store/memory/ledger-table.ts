import { add, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { thirdAssetFeesOf, type Posting } from '../../../shared/domain/ledger.ts';

/** The postings in memory, with the sums that triggers keep in Postgres. */
export class LedgerTable {
  readonly postings: Posting[] = [];
  readonly feesPaid = new Map<string, Decimal>();
  readonly thirdAssetFees = new Map<string, Decimal>();
  readonly #balances = new Map<string, Decimal>();

  /** Assets that have a balance, also of zero. */
  assets(): Iterable<string> {
    return this.#balances.keys();
  }

  /** Returns the balances at the venue; assets at zero are left out. */
  balances(): ReadonlyMap<string, Decimal> {
    return new Map([...this.#balances].filter(([, amount]) => amount !== ZERO));
  }

  /** Returns the write of postings, which cannot fail. Throws when a balance would be out of range. */
  postingOf(postings: readonly Posting[]): () => void {
    const balances = new Map(this.#balances);
    for (const { account, asset, amount } of postings) if (account === 'venue') addTo(balances, asset, amount);
    return () => {
      this.postings.push(...postings);
      for (const [asset, amount] of balances) this.#balances.set(asset, amount);
      for (const { account, asset, amount } of postings) if (account === 'fees') addTo(this.feesPaid, asset, amount);
      for (const [asset, fee] of thirdAssetFeesOf(postings)) addTo(this.thirdAssetFees, asset, fee);
    };
  }
}

/** Adds an amount to the sum of an asset. */
export function addTo(sums: Map<string, Decimal>, asset: string, amount: Decimal): void {
  sums.set(asset, add(sums.get(asset) ?? ZERO, amount));
}
