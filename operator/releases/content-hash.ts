import { createHash } from 'node:crypto';
import { canonicalJson } from '../../services/shared/domain/canonical-json.ts';

/** 16 hex digits over the value with sorted keys: the same value always gives the same hash. Values are JSON's. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
