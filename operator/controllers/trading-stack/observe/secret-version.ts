import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../../../services/shared/domain/canonical-json.ts';

/**
 * Returns a version that changes with the content of a Secret. It is keyed with the control token of the stack: release
 * hashes are public, and a plain hash would allow guessing weak passwords.
 */
export function secretVersion(data: Readonly<Record<string, string>>, key: string): string {
  return createHmac('sha256', key).update(canonicalJson(data)).digest('hex').slice(0, 16);
}
