import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET } from '../../../api/v1alpha1/labels.ts';
import type { Caches } from '../../caches/stack-caches.ts';
import type { OwnSecrets } from './observation.ts';

export interface OwnSecretsReader {
  /** Returns the values of the operator's own Secrets in a namespace: the stored ones, or those last known, or new. */
  read(namespace: string): OwnSecrets;
  /** Forgets a namespace whose stack was deleted. */
  forget(namespace: string): void;
}

/**
 * Creates a reader that remembers the values which it returned last. If somebody deletes the Secret of the control
 * token, it is created again with the same token: the running processes hold that one, and must still obey a halt.
 * Bound: three values per namespace with a stack.
 */
export function createOwnSecrets(caches: Pick<Caches, 'secrets'>, newToken: () => string): OwnSecretsReader {
  const known = new Map<string, OwnSecrets>();

  function read(namespace: string): OwnSecrets {
    const stored = (secret: string, key: string): string | undefined => {
      const encoded = caches.secrets.get(namespace, secret)?.data?.[key] ?? '';
      return encoded === '' ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
    };
    const last = known.get(namespace);
    const own = {
      controlToken: stored(CONTROL_SECRET, 'token') ?? last?.controlToken ?? newToken(),
      paperKeys: {
        apiKey: stored(PAPER_ACCOUNT_SECRET, 'apiKey') ?? last?.paperKeys.apiKey ?? newToken(),
        secretKey: stored(PAPER_ACCOUNT_SECRET, 'secretKey') ?? last?.paperKeys.secretKey ?? newToken(),
      },
    };
    known.set(namespace, own);
    return own;
  }

  return { read, forget: (namespace) => void known.delete(namespace) };
}
