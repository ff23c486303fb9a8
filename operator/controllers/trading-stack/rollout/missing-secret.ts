import { podSecrets } from '../../../resources/pod-secrets.ts';
import { servicesOf, type StackContext } from '../../../resources/stack-context.ts';
import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET } from '../../../api/v1alpha1/labels.ts';
import type { ObservedSecret } from '../observe/observation.ts';
import { gateSubject, type Blocker } from './blocker.ts';
import { SECRETS_PRESENT } from './gates.ts';

/** Returns the first missing Secret, or missing key of a Secret, that a service needs, with the remedy. */
export function findMissingSecret(
  context: StackContext,
  secrets: ReadonlyMap<string, ObservedSecret>,
): Blocker | undefined {
  for (const row of servicesOf(context)) {
    for (const { secretName, keys, remedy } of podSecrets(row, context.spec)) {
      const problem = problemOf({ secretName, keys, remedy }, secrets.get(secretName), context.namespace);
      if (problem === undefined) continue;
      const own = secretName === CONTROL_SECRET || secretName === PAPER_ACCOUNT_SECRET;
      return {
        subject: gateSubject(row.tier, SECRETS_PRESENT, row.name),
        reason: own ? 'SecretPending' : 'SecretMissing',
        message: problem,
        stalls: false,
      };
    }
  }
  return undefined;
}

interface RequiredSecret {
  readonly secretName: string;
  readonly keys: readonly string[];
  readonly remedy: string;
}

function problemOf(
  required: RequiredSecret,
  secret: ObservedSecret | undefined,
  namespace: string,
): string | undefined {
  const { secretName, keys, remedy } = required;
  if (secret === undefined) return `Secret ${secretName} not found in namespace ${namespace}; ${remedy}`;
  const key = keys.find((candidate) => !secret.keys.has(candidate));
  return key === undefined ? undefined : `key ${key} of Secret ${secretName} is missing or empty; ${remedy}`;
}
