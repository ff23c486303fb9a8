import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { CatalogueRow } from '../../services/shared/contracts/catalogue.ts';

/**
 * Probes of a service: `/livez` reports that the process responds, `/readyz` that it can do its work. Liveness does not
 * depend on other services, because a restart does not repair them. A Job has no probes: its exit code is its result.
 */
export function probesOf({
  update,
}: CatalogueRow): Pick<V1Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  if (update === 'Job') return {};
  return {
    startupProbe: probe('/livez', { periodSeconds: 1, failureThreshold: 60, timeoutSeconds: 2 }),
    livenessProbe: probe('/livez', { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 3 }),
    readinessProbe: probe('/readyz', { periodSeconds: 2, failureThreshold: 2, timeoutSeconds: 2 }),
  };
}

function probe(path: string, times: Pick<V1Probe, 'periodSeconds' | 'failureThreshold' | 'timeoutSeconds'>): V1Probe {
  return { httpGet: { path, port: 'http', scheme: 'HTTP' }, ...times };
}
