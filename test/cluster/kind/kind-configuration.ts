/** Kubernetes 1.36, by digest: the newest 1.36 that a release of kind names. */
const nodeImage = 'kindest/node:v1.36.1@sha256:3489c7674813ba5d8b1a9977baea8a6e553784dab7b84759d1014dbd78f7ebd5';

/**
 * The cluster's description, with containerd reading its registries from files that can be written after the start.
 * Containers that tests kill are restarted within seconds.
 */
export function renderKind(): string {
  return `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
containerdConfigPatches:
  - |-
    [plugins."io.containerd.cri.v1.images".registry]
      config_path = "/etc/containerd/certs.d"
kubeadmConfigPatches:
  - |-
    kind: KubeletConfiguration
    crashLoopBackOff:
      maxContainerRestartPeriod: 5s
nodes:
  - role: control-plane
    image: ${nodeImage}
`;
}

/** Sends a node's pulls from the registry's name on this machine to the registry's container. */
export function renderHosts(container: string): string {
  return `[host."http://${container}"]\n  capabilities = ["pull", "resolve"]\n`;
}
