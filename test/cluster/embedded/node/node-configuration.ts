import { join } from 'node:path';
import { addresses } from '../addresses.ts';
import type { EmbeddedSettings } from '../embedded-settings.ts';
import { imageReference, pause } from '../images/image-recipes.ts';

/** Debian's package containernetworking-plugins puts them here. */
export const cniPlugins = '/usr/lib/cni';

/**
 * containerd's settings. `restrict_oom_score_adj`: without CAP_SYS_RESOURCE a lowered score is refused and no sandbox
 * starts. Network namespaces are mounted below the state folder, so that removing the state removes them.
 */
export function renderContainerd(settings: EmbeddedSettings): string {
  const { state } = settings;
  return `version = 3
root = "${join(state, 'containerd')}"
state = "${join(state, 'run')}"
[grpc]
  address = "${settings.containerdSocket}"
[plugins.'io.containerd.internal.v1.opt']
  path = "${join(state, 'opt')}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${imageReference(settings.registry, pause)}"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["${cniPlugins}"]
  conf_dir = "${join(state, 'cni')}"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;
}

/**
 * The kubelet's settings. `failCgroupV1` lets it run on hosts with the older cgroups; `cgroupsPerQOS: false` leaves the
 * cgroups above the pods alone, while requests and limits still hold for each container.
 */
export function renderKubelet(settings: EmbeddedSettings): string {
  const pki = (file: string) => join(settings.state, 'pki', file);
  const document = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki('kubelet.crt'),
    tlsPrivateKeyFile: pki('kubelet.key'),
    containerRuntimeEndpoint: `unix://${settings.containerdSocket}`,
    clusterDNS: [addresses.dnsService],
    clusterDomain: addresses.clusterDomain,
    resolvConf: '',
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    imageGCHighThresholdPercent: 100,
    // Every build of the project's image leaves the one before it unused.
    imageMaximumGCAge: '12h',
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '2%', 'imagefs.available': '2%' },
    maxPods: 200,
    // Tests kill processes repeatedly; with the default back-off of five minutes they would mostly wait.
    crashLoopBackOff: { maxContainerRestartPeriod: '5s' },
    podLogsDir: join(settings.state, 'pod-logs'),
    volumePluginDir: join(settings.state, 'volume-plugins'),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Returns the pods' network: one bridge, addresses assigned on the host, and host ports for pods that declare them. */
export function renderNetwork(settings: EmbeddedSettings): string {
  const bridge = {
    type: 'bridge',
    bridge: addresses.bridge,
    isGateway: true,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: addresses.pods }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: join(settings.state, 'ipam'),
    },
  };
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }];
  return `${JSON.stringify({ cniVersion: '1.0.0', name: addresses.network, plugins }, undefined, 2)}\n`;
}
