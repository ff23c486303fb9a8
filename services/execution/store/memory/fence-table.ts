import type { RecordIdentity } from '../../core/record-identity.ts';
import type { Fence } from '../../core/role.ts';
import type { ComparedAges } from '../../core/swap/compared-ages.ts';
import type { FenceGrant, ReleasedFence } from '../../ports.ts';

/** The row of the fence of one stack. */
export class FenceTable {
  fence: Fence = { epoch: 0, holder: '' };
  /** What the holder of an epoch left when it released the fence. */
  released: (ReleasedFence & { readonly epoch: number }) | undefined;
  #identityAtGrant: RecordIdentity | undefined;

  raise(desired: Fence, identity: RecordIdentity): FenceGrant {
    const before = this.fence;
    const held = before.epoch === desired.epoch && before.holder === desired.holder;
    const granted = held || before.epoch < desired.epoch;
    const released = before.holder === '' && this.released?.epoch === before.epoch ? this.released : undefined;
    const found = { granted, before, identityBefore: this.#identityAtGrant, released };
    if (granted) this.fence = desired;
    if (granted && !held) this.#identityAtGrant = identity;
    return found;
  }

  /** The canary of the fence stays: the epoch is the same. */
  release({ epoch, holder }: Fence, compared: ComparedAges): boolean {
    if (this.fence.epoch !== epoch || (this.fence.holder !== holder && this.fence.holder !== '')) return false;
    this.fence = { ...this.fence, epoch, holder: '' };
    this.released = { epoch, agoMs: 0, compared };
    return true;
  }
}
