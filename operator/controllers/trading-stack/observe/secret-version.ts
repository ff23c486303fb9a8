import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../../../services/shared/domain/canonical-json.ts';

/**
 * Changes with the content of a Secret. Keyed with the stack's control token: release hashes are public, and a plain hash would let
 * anybody try out weak passwords.
 */
export function secretVersion(data: Readonly<Record<string, string>>, key: string): string {
  return createHmac('sha256', key).update(canonicalJson(data)).digest('hex').slice(0, 16);
}
