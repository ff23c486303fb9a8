import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { CatalogueRow } from '../../services/shared/contracts/catalogue.ts';

/**
 * `/livez` says that the process answers, `/readyz` that it can do its work. Liveness never looks at a dependency: a restart cures
 * no other pod. A job has none: its end is its answer.
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
