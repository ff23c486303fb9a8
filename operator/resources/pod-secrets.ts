import { platformSecretOf, type CatalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET } from '../api/v1alpha1/labels.ts';
import type { TradingStackSpec } from '../api/v1alpha1/trading-stack/spec.ts';

/** A Secret that a service's pod mounts. */
export interface PodSecret {
  /** Folder below the secrets directory. */
  readonly folder: 'platform' | 'venue' | 'control';
  readonly secretName: string;
  readonly keys: readonly string[];
  /** Who makes it, for the message when it is missing. */
  readonly remedy: string;
}

/** The Secrets of a service, by its row: one pod sees no other service's. */
export function podSecrets(row: CatalogueRow, spec: Pick<TradingStackSpec, 'venue'>): readonly PodSecret[] {
  const secrets: PodSecret[] = [];
  const keys = platformKeys(row);
  if (keys.length > 0)
    secrets.push({
      folder: 'platform',
      secretName: platformSecretOf(row.name),
      keys,
      remedy: 'install charts/platform in this namespace, or make the Secret by hand',
    });
  if (row.venueKeys) secrets.push(venueSecret(spec));
  if (row.controlled)
    secrets.push({ folder: 'control', secretName: CONTROL_SECRET, keys: ['token'], remedy: 'the operator makes it' });
  return secrets;
}

function venueSecret({ venue }: Pick<TradingStackSpec, 'venue'>): PodSecret {
  const { credentials } = venue;
  const remedy =
    credentials === undefined
      ? 'the operator makes it'
      : "make it with the keys apiKey and secretKey, name it in venueSecretNames of the operator's chart, or leave out spec.venue.credentials";
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
