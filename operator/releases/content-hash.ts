import { createHash } from 'node:crypto';
import { canonicalJson } from '../../services/shared/domain/canonical-json.ts';

/** Returns 16 hex digits of SHA-256 over canonical JSON: equal values give equal hashes. Takes JSON values only. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
