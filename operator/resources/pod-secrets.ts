import { platformSecretOf, type CatalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET } from '../api/v1alpha1/labels.ts';
import type { TradingStackSpec } from '../api/v1alpha1/trading-stack/spec.ts';

/** A Secret that a service's pod mounts. */
export interface PodSecret {
  /** Folder in the secrets directory. */
  readonly folder: 'platform' | 'venue' | 'control';
  readonly secretName: string;
  readonly keys: readonly string[];
  /** What to do if it is missing, for the message. */
  readonly remedy: string;
}

/**
 * Returns the Secrets that a service mounts, according to its catalogue row. No pod mounts those of another service.
 */
export function podSecrets(row: CatalogueRow, spec: Pick<TradingStackSpec, 'venue'>): readonly PodSecret[] {
  const secrets: PodSecret[] = [];
  const keys = platformKeys(row);
  if (keys.length > 0)
    secrets.push({
      folder: 'platform',
      secretName: platformSecretOf(row.name),
      keys,
      remedy: 'install charts/platform in this namespace, or create the Secret by hand',
    });
  if (row.venueKeys) secrets.push(venueSecret(spec));
  if (row.controlled)
    secrets.push({ folder: 'control', secretName: CONTROL_SECRET, keys: ['token'], remedy: 'the operator creates it' });
  return secrets;
}

function venueSecret({ venue }: Pick<TradingStackSpec, 'venue'>): PodSecret {
  const { credentials } = venue;
  const remedy =
    credentials === undefined
      ? 'the operator creates it'
      : 'create it with keys apiKey and secretKey and list it in venueSecretNames of charts/operator, ' +
        'or remove spec.venue.credentials';
  return {
    folder: 'venue',
    secretName: credentials?.secretName ?? PAPER_ACCOUNT_SECRET,
    keys: ['apiKey', 'secretKey'],
    remedy,
  };
}

function platformKeys({ peers }: CatalogueRow): readonly string[] {
  return [
    ...(peers.includes('redis') ? ['redis-password'] : []),
    ...(peers.includes('postgres') ? ['postgres-password'] : []),
  ];
}
