import { gunzipSync, gzipSync } from 'node:zlib';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { z } from 'zod';
import { CATALOGUE } from '../../services/shared/contracts/catalogue.ts';
import { canonicalJson } from '../../services/shared/domain/canonical-json.ts';
import { RECORD_LABEL } from '../api/v1alpha1/labels.ts';
import { CHILD_KINDS } from '../resources/child-object.ts';
import { childMeta, type StackContext } from '../resources/stack-context.ts';
import { contentHash, textHash } from './content-hash.ts';
import { releaseOf, type Release, type ServiceRelease } from './render-release.ts';

/** What is kept of a release: every object of every service, as it was rendered. */
const recordedService = z.object({
  name: z.string(),
  replicas: z.int().min(0),
  hash: z.string(),
  objects: z.array(z.looseObject({ kind: z.enum(CHILD_KINDS) })),
  deployment: z.looseObject({ kind: z.literal('Deployment') }).exactOptional(),
});
const recorded = z.object({ version: z.string(), services: z.array(recordedService) });

const FILE = 'release.json.gz';

/**
 * Builds the record of a release, from which it can be restored whatever the spec and the operator are by then. It has
 * names of Secrets, and no secret value.
 */
export function buildReleaseRecord(
  context: Pick<StackContext, 'name' | 'namespace' | 'uid'>,
  release: Release,
): V1ConfigMap {
  const meta = childMeta(context, recordName(context.name, release.hash));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...meta, labels: { ...meta.labels, [RECORD_LABEL]: release.hash } },
    binaryData: { [FILE]: gzipSync(textOf(release)).toString('base64') },
  };
}

export function recordName(stack: string, hash: string): string {
  return `${stack}-release-${hash}`;
}

/** Returns the hash of a record. The status keeps it, so that a record that somebody changed is not restored. */
export function recordHash(release: Release): string {
  return textHash(textOf(release));
}

/**
 * Restores a release from its record. Undefined if the record is not the one with this hash, if it cannot be read, or
 * if this version of the operator does not know one of its services.
 */
export function restoreRelease(
  { binaryData = {} }: Pick<V1ConfigMap, 'binaryData'>,
  hash: string,
): Release | undefined {
  const content = contentIn(binaryData[FILE] ?? '');
  if (content === undefined || contentHash(content) !== hash) return undefined;
  const { success, data } = recorded.safeParse(content);
  if (!success) return undefined;
  const services = data.services.map(restoreService);
  return services.includes(undefined)
    ? undefined
    : releaseOf(
        services.flatMap((one) => one ?? []),
        data.version,
      );
}

/** By release, because each reconcile needs its text twice: for the hash in the status, and for the record. */
const TEXTS = new WeakMap<Release, string>();

/** Canonical JSON has no members that are undefined, as what is read back. */
function textOf(release: Release): string {
  const known = TEXTS.get(release);
  if (known !== undefined) return known;
  const { tiers, version } = release;
  const services = tiers.flatMap((tier) =>
    tier.services.map(({ row, replicas, hash, objects, deployment }) => ({
      name: row.name,
      replicas,
      hash,
      objects,
      deployment,
    })),
  );
  const text = canonicalJson({ version, services });
  TEXTS.set(release, text);
  return text;
}

function contentIn(base64: string): unknown {
  try {
    return JSON.parse(gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: 8 * 1024 * 1024 }).toString());
  } catch {
    return undefined;
  }
}

function restoreService({ name, ...rest }: z.output<typeof recordedService>): ServiceRelease | undefined {
  const row = CATALOGUE.find((candidate) => candidate.name === name);
  // The hash of the record shows that they are as this operator rendered them.
  return row === undefined ? undefined : { ...rest, row };
}
