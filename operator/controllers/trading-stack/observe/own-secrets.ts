import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET } from '../../../api/v1alpha1/labels.ts';
import type { Caches } from '../../caches/stack-caches.ts';
import type { OwnSecrets } from './observation.ts';

export interface OwnSecretsReader {
  /** Returns the values of the operator's own Secrets in a namespace: the stored ones, or those last known, or new. */
  read(namespace: string): OwnSecrets;
  /** Forgets a namespace whose stack was deleted. */
  forget(namespace: string): void;
}

/** Returns the stored control token of a namespace; undefined if there is none. */
export function storedControlToken(caches: Pick<Caches, 'secrets'>, namespace: string): string | undefined {
  return stored(caches, namespace, { secret: CONTROL_SECRET, key: 'token' });
}

/**
 * Creates a reader that remembers the values which it returned last. If somebody deletes the Secret of the control
 * token, it is created again with the same token: the running processes hold that one, and must still obey a halt.
 * Bound: three values per namespace with a stack.
 */
export function createOwnSecrets(caches: Pick<Caches, 'secrets'>, newToken: () => string): OwnSecretsReader {
  const known = new Map<string, OwnSecrets>();

  function read(namespace: string): OwnSecrets {
    const paper = (key: string): string | undefined => stored(caches, namespace, { secret: PAPER_ACCOUNT_SECRET, key });
    const last = known.get(namespace);
    const own = {
      controlToken: storedControlToken(caches, namespace) ?? last?.controlToken ?? newToken(),
      paperKeys: {
        apiKey: paper('apiKey') ?? last?.paperKeys.apiKey ?? newToken(),
        secretKey: paper('secretKey') ?? last?.paperKeys.secretKey ?? newToken(),
      },
    };
    known.set(namespace, own);
    return own;
  }

  return { read, forget: (namespace) => void known.delete(namespace) };
}

function stored(
  { secrets }: Pick<Caches, 'secrets'>,
  namespace: string,
  { secret, key }: { readonly secret: string; readonly key: string },
): string | undefined {
  const encoded = secrets.get(namespace, secret)?.data?.[key] ?? '';
  return encoded === '' ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
