import type { RecordIdentity } from '../../core/record-identity.ts';
import type { Fence } from '../../core/role.ts';
import type { FillsRead, FillsReadTo } from '../../ports.ts';

/** The rows of trading.fills_read in memory. UTC milliseconds by symbol. */
export class FillsReadTable extends Map<string, number> {
  read(symbol: string, identity: RecordIdentity): FillsRead {
    return { toMs: this.get(symbol), database: nameOf(identity) };
  }

  record({ symbol, toMs, database }: FillsReadTo, isHeld: boolean, identity: RecordIdentity): boolean {
    if (!isHeld || database !== nameOf(identity)) return false;
    this.set(symbol, Math.max(toMs, this.get(symbol) ?? toMs));
    return true;
  }
}

export function isHeldBy(fence: Fence, { epoch, holder }: Fence): boolean {
  return fence.epoch === epoch && fence.holder === holder;
}

function nameOf({ systemId, timeline }: RecordIdentity): string {
  return `${systemId} ${timeline}`;
}
