import { createHash } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../process/wait-until.ts';
import { addresses } from './addresses.ts';
import { kubectl } from './control-plane.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';

export interface AddonImages {
  readonly coredns: string;
  readonly localPathProvisioner: string;
  readonly shell: string;
}

/** Applies what a cluster is expected to bring, names and volumes, and waits until a name is answered. */
export async function ensureAddons(settings: EmbeddedSettings, images: AddonImages, logFile: string): Promise<void> {
  const values: Readonly<Record<string, string>> = {
    IMAGE_COREDNS: images.coredns,
    IMAGE_LOCAL_PATH_PROVISIONER: images.localPathProvisioner,
    IMAGE_SHELL: images.shell,
    CLUSTER_DOMAIN: addresses.clusterDomain,
    DNS_SERVICE: addresses.dnsService,
    VOLUMES: join(settings.state, 'volumes'),
  };
  const manifests = ['coredns.yaml', 'local-path-provisioner.yaml'].map((file) =>
    render(readFileSync(join(import.meta.dirname, 'manifests', file), 'utf8'), values),
  );
  await kubectl(settings, ['apply', '-f', '-'], manifests.join('\n---\n'));
  // The answer itself is awaited, not the state of the pod, which after a restart is still the one of before.
  try {
    await waitUntil('DNS answers', answersNames, { seconds: 60 });
  } catch (error) {
    const events = [
      'get',
      'events',
      '--all-namespaces',
      '--field-selector',
      'type=Warning',
      '--sort-by=.lastTimestamp',
    ];
    appendFileSync(logFile, await kubectl(settings, events));
    throw error;
  }
}

function render(manifest: string, values: Readonly<Record<string, string>>): string {
  const filled = fillIn(manifest, values);
  return fillIn(filled, { CONFIGURATION: createHash('sha256').update(filled).digest('hex').slice(0, 12) });
}

/** Replaces each placeholder, a word of capitals that `values` names, by its value. */
export function fillIn(manifest: string, values: Readonly<Record<string, string>>): string {
  return manifest.replaceAll(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (word) => values[word] ?? word);
}

async function answersNames(): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([addresses.dnsService]);
  try {
    const found = await resolver.resolve4(`kubernetes.default.svc.${addresses.clusterDomain}`);
    return found.includes(addresses.apiService);
  } catch {
    return false;
  }
}
