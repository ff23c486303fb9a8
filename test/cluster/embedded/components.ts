import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of the local cluster, built from its upstream Go module. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /**
   * `folder`: our go.mod beside this file, which pins the whole graph; `module`: `go install` of packages of one
   * module; `unvendored`: a module whose own vendor folder is incomplete in the module archive, built with it removed.
   */
  readonly source:
    | { readonly kind: 'folder'; readonly folder: string; readonly package: string; readonly binary: string }
    | { readonly kind: 'module'; readonly packages: readonly string[] }
    | { readonly kind: 'unvendored'; readonly module: string; readonly package: string; readonly binary: string };
  readonly cgo?: boolean;
  readonly tags?: string;
  readonly linkerVariables?: Readonly<Record<string, string>>;
  /** Names under which `binary` is called as well. */
  readonly aliases?: readonly string[];
  /** What a first build takes on two cores, for the progress line. */
  readonly minutes: number;
}

const kubernetesVersion = 'v1.36.3';
const containerdCommands = 'github.com/containerd/containerd/v2/cmd';

export const kubernetes: Component = {
  name: 'kubernetes',
  version: kubernetesVersion,
  source: { kind: 'folder', folder: 'kubernetes', package: '.', binary: 'hyperkube' },
  // Without these the node reports a version that clients refuse to parse.
  linkerVariables: {
    'k8s.io/component-base/version.gitVersion': kubernetesVersion,
    'k8s.io/component-base/version.gitMajor': '1',
    'k8s.io/component-base/version.gitMinor': '36',
    'k8s.io/client-go/pkg/version.gitVersion': kubernetesVersion,
  },
  aliases: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
  minutes: 9,
};

/** Helm 3: skaffold 2.16 runs `helm version --client`, which helm 4 rejects. */
export const helm: Component = {
  name: 'helm',
  version: 'v3.22.0',
  source: { kind: 'module', packages: ['helm.sh/helm/v3/cmd/helm'] },
  // Kubernetes version for rendering charts without a cluster. The default is a version of 2020.
  linkerVariables: Object.fromEntries(
    ['pkg/chartutil', 'pkg/lint/rules'].flatMap((path) => [
      [`helm.sh/helm/v3/${path}.k8sVersionMajor`, '1'],
      [`helm.sh/helm/v3/${path}.k8sVersionMinor`, '36'],
    ]),
  ),
  minutes: 4,
};

/** Puts images together and pushes them. */
export const crane: Component = {
  name: 'crane',
  version: 'v0.22.1',
  source: { kind: 'module', packages: ['github.com/google/go-containerregistry/cmd/crane'] },
  minutes: 1,
};

export const kind: Component = {
  name: 'kind',
  version: 'v0.33.0',
  source: { kind: 'module', packages: ['sigs.k8s.io/kind'] },
  minutes: 1,
};

export const skaffold: Component = {
  name: 'skaffold',
  version: 'v2.16.1',
  source: {
    kind: 'unvendored',
    module: 'github.com/GoogleContainerTools/skaffold/v2',
    package: './cmd/skaffold',
    binary: 'skaffold',
  },
  linkerVariables: { 'github.com/GoogleContainerTools/skaffold/v2/pkg/skaffold/version.version': 'v2.16.1' },
  minutes: 6,
};

/** The controller of Rollouts, which the bench `swap` measures beside the operator. */
export const argoRollouts: Component = {
  name: 'argo-rollouts',
  version: 'v1.10.1',
  // `go install` refuses the module, because it replaces others.
  source: {
    kind: 'unvendored',
    module: 'github.com/argoproj/argo-rollouts',
    package: './cmd/rollouts-controller',
    binary: 'rollouts-controller',
  },
  minutes: 8,
};

/** Plays the nodes of the bench `reconcile`: it makes pods Ready that no kubelet runs. */
export const kwok: Component = {
  name: 'kwok',
  version: 'v0.8.0',
  source: { kind: 'module', packages: ['sigs.k8s.io/kwok/cmd/kwok'] },
  minutes: 4,
};

/** What the embedded cluster consists of, in the order of building: the longest first. */
export const embeddedComponents: readonly Component[] = [
  kubernetes,
  {
    name: 'kube-network-policies',
    version: 'v1.1.1',
    source: {
      kind: 'folder',
      folder: 'network-policies',
      package: 'sigs.k8s.io/kube-network-policies/cmd/kube-network-policies/standard',
      binary: 'kube-network-policies',
    },
    minutes: 1,
  },
  {
    name: 'containerd',
    version: 'v2.4.2',
    source: {
      kind: 'module',
      packages: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((command) => `${containerdCommands}/${command}`),
    },
    tags: 'no_btrfs,no_devmapper,no_zfs',
    minutes: 2,
  },
  {
    name: 'runc',
    version: 'v1.5.2',
    source: { kind: 'module', packages: ['github.com/opencontainers/runc'] },
    cgo: true,
    tags: 'seccomp',
    minutes: 1,
  },
  {
    name: 'coredns',
    version: 'v1.15.0',
    source: { kind: 'module', packages: ['github.com/coredns/coredns'] },
    minutes: 3,
  },
  helm,
  crane,
  {
    name: 'registry',
    version: 'v3.1.2',
    source: { kind: 'module', packages: ['github.com/distribution/distribution/v3/cmd/registry'] },
    minutes: 3,
  },
  {
    name: 'local-path-provisioner',
    version: 'v0.0.30',
    source: {
      kind: 'unvendored',
      module: 'github.com/rancher/local-path-provisioner',
      package: '.',
      binary: 'local-path-provisioner',
    },
    minutes: 2,
  },
];

/** The names that a built component puts on the path. */
export function binariesOf(component: Component): string[] {
  const { source } = component;
  if (source.kind === 'module') return source.packages.map((path) => path.split('/').at(-1) ?? path);
  return [source.binary, ...(component.aliases ?? [])];
}

/** The folder name of a build: it changes with the version, the recipe and the pinned graph, and with nothing else. */
export function buildKey(component: Component, folder: string = import.meta.dirname): string {
  const { minutes: _, ...recipe } = component;
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  if (component.source.kind === 'folder') {
    const files = component.source.folder === 'kubernetes' ? ['go.mod', 'go.sum', 'main.go'] : ['go.mod', 'go.sum'];
    for (const file of files) hash.update(readFileSync(join(folder, component.source.folder, file)));
  }
  return `${component.name}-${component.version}-${hash.digest('hex').slice(0, 10)}`;
}
