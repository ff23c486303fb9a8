import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { clusterPaths, removeAbandonedWork, workPrefix } from '../../cluster/cluster-paths.ts';
import { readConfig } from '../../cluster/config.ts';
import { consoleProgress } from '../../cluster/ensure-cluster.ts';
import { pushImage } from '../../cluster/image/push-image.ts';
import { digestAt, splitReference } from '../../cluster/registry.ts';
import { FAULTS, faultModule, type Fault } from './faults.ts';

/** The image of this checkout with one more layer. NODE_OPTIONS reaches every program; a module breaks one of them. */
const DOCKERFILE = `ARG BASE_IMAGE
FROM \${BASE_IMAGE}
COPY faults /faults
ARG FAULT
ENV NODE_OPTIONS="--enable-source-maps --import=/faults/\${FAULT}.mjs"
`;

/** Builds the image of a release with a fault on top of a sound one, and returns its reference, with its digest. */
export async function buildBrokenImage(cluster: Cluster, sound: string, fault: Fault): Promise<string> {
  const { registry, pullRegistry } = cluster;
  if (registry === undefined)
    throw new ClusterError('usage', 'a broken image needs a registry that this machine and the nodes reach');
  const paths = clusterPaths(readConfig().cacheDirectory);
  const { name, version } = splitReference(sound);
  const tag = `${registry}/${name}:broken-${fault.toLowerCase()}`;
  removeAbandonedWork(paths.images);
  const context = mkdtempSync(workPrefix(join(paths.images, 'broken')));
  try {
    writeContext(context);
    const args = { BASE_IMAGE: `${registry}/${name}@${version}`, FAULT: fault };
    await consoleProgress(paths).step(`image with ${fault}`, ({ logFile }) =>
      pushImage({ cluster, paths }, { context, args, tag, logFile }),
    );
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  const digest = await digestAt(tag);
  if (digest === undefined) throw new ClusterError('failed', `${tag} is not in the registry after its push`);
  return `${pullRegistry ?? registry}/${name}@${digest}`;
}

function writeContext(folder: string): void {
  writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
  mkdirSync(join(folder, 'faults'));
  for (const fault of FAULTS) writeFileSync(join(folder, 'faults', `${fault}.mjs`), faultModule(fault));
}
