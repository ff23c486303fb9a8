import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { RiskStore } from '../ports.ts';

export interface RenewalOptions {
  readonly store: Pick<RiskStore, 'renewRelease'>;
  readonly release: string;
  readonly log: Logger;
}

/**
 * Creates what records that a process of the active release works the exits, one renewal at a time. It returns without
 * waiting: a statement may wait for a lock for seconds, or the right to write may be missing, because the migrations of
 * an earlier release revoked it. The process must still read that it decides. An error is logged when it changes.
 */
export function createRenewal({ store, release, log }: RenewalOptions): () => void {
  let isRenewing = false;
  let lastError: string | undefined;
  const renew = async (): Promise<void> => {
    isRenewing = true;
    try {
      await store.renewRelease(release);
      lastError = undefined;
    } catch (error) {
      const message = messageOf(error);
      if (message !== lastError) log.warn({ err: error }, 'active release of risk not renewed');
      lastError = message;
    } finally {
      isRenewing = false;
    }
  };
  return () => {
    if (!isRenewing) void renew();
  };
}
