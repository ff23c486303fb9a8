import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../../cluster-paths.ts';
import { waitUntil } from '../../process/wait-until.ts';
import type { EmbeddedSettings } from '../embedded-settings.ts';
import { ensureProcess, requireAlive } from '../host/processes.ts';

/** Starts the image registry on loopback and waits until it answers; what was pushed to it outlives `down`. */
export async function startRegistry({ state, bin, ports, registry }: EmbeddedSettings): Promise<void> {
  const storage = join(state, 'registry');
  makeDirectories([storage]);
  const configuration = JSON.stringify({
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: registry },
  });
  const path = join(state, 'registry.json');
  writeFileSync(path, configuration);
  await ensureProcess(state, {
    name: 'registry',
    binary: join(bin, 'registry'),
    args: ['serve', path],
    files: [path],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    ports: [{ port: ports.registry, setting: 'CLUSTER_REGISTRY_PORT' }],
  });
  await waitUntil('the registry answers', () => answers(registry), {
    seconds: 20,
    stillPossible: () => requireAlive(state, 'registry'),
  });
}

async function answers(registry: string): Promise<boolean> {
  try {
    return (await fetch(`http://${registry}/v2/`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
