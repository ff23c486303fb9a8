import { createHash } from 'node:crypto';
import { canonicalJson } from '../../services/shared/domain/canonical-json.ts';

/** Returns 16 hex digits of SHA-256 over canonical JSON: equal values give equal hashes. Takes JSON values only. */
export function contentHash(value: unknown): string {
  return textHash(canonicalJson(value));
}

/** Returns the same of a text that is canonical JSON already. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
