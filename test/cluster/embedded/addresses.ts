/**
 * The addresses of the embedded cluster. 198.18.0.0/15 is reserved for tests inside one host (RFC 2544), so nothing
 * here collides with a real network.
 */
export const addresses = {
  nodeName: 'local',
  /** Sits on the loopback device. */
  node: '198.19.255.254',
  pods: '198.18.0.0/16',
  services: '198.19.0.0/17',
  apiService: '198.19.0.1',
  dnsService: '198.19.0.10',
  bridge: 'tradingstack0',
  /** Name of the pods' network at the CNI plugins. */
  network: 'tradingstack',
  clusterDomain: 'cluster.local',
  /** The netfilter queue in which the first packet of each connection waits for the NetworkPolicy engine's verdict. */
  policyQueue: 98,
} as const;

/** The kubeconfig context of the embedded cluster, and the cluster's name in it. */
export const contextName = 'tradingstack';
