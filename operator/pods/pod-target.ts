import { catalogueRow, type ServiceName } from '../../services/shared/contracts/catalogue.ts';

/** Where the process of a pod answers. */
export interface PodTarget {
  readonly uid: string;
  readonly service: ServiceName;
  /** Undefined unless the pod is running and has an address. */
  readonly ip: string | undefined;
  /** Whether the kubelet reports the pod as ready. */
  readonly ready: boolean;
}

/** Returns the URL of a path at the port of a service. */
export function podUrl({ ip, service }: { readonly ip: string; readonly service: ServiceName }, path: string): string {
  // An IPv6 address is written in brackets.
  return `http://${ip.includes(':') ? `[${ip}]` : ip}:${catalogueRow(service).port}${path}`;
}
