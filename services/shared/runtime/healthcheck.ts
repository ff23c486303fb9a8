import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CATALOGUE } from '../contracts/catalogue.ts';

/**
 * The image's HEALTHCHECK, for engines without Kubernetes' probes: requests `/livez` of the container's process. The
 * service is known by the container's own command, `node /app/<name>.mjs`.
 */
async function isHealthy(): Promise<boolean> {
  const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0');
  const name = basename(words.find((word) => word.endsWith('.mjs')) ?? '', '.mjs');
  const port = CATALOGUE.find((row) => row.name === name)?.port ?? 8080;
  try {
    return (await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

process.exitCode = (await isHealthy()) ? 0 : 1;
