import type { V1Secret } from '@kubernetes/client-node';
import { PAPER_ACCOUNT_SECRET } from '../api/v1alpha1/labels.ts';
import { childMeta, type StackContext } from './stack-context.ts';

export interface VenueKeys {
  readonly apiKey: string;
  readonly secretKey: string;
}

/** Secret with the keys of the simulated account; undefined if the spec names another Secret. */
export function buildPaperAccountSecret(context: StackContext, keys: VenueKeys): V1Secret | undefined {
  if (context.spec.venue.credentials !== undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMeta(context, PAPER_ACCOUNT_SECRET),
    type: 'Opaque',
    data: { apiKey: encode(keys.apiKey), secretKey: encode(keys.secretKey) },
  };
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
