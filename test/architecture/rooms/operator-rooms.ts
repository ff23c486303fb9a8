import type { Room } from './room.ts';

/**
 * Rooms of `operator/`. Each may import exactly what it uses: a test finds grants that no import needs, so a new one
 * shows in the diff of this file.
 */
export const OPERATOR_FOLDERS: readonly Room[] = [
  {
    name: 'operator/api/crds',
    files: /^operator\/api\/crds\//,
    rooms: { 'operator/explain': 'values', 'operator/api': 'values', 'shared/contracts': 'values' },
    packages: { zod: 'values', yaml: 'values' },
    node: ['node:fs', 'node:path'],
  },
  {
    name: 'operator/api',
    files: /^operator\/api\//,
    rooms: { 'shared/contracts': 'values', 'shared/domain': 'values' },
    packages: { zod: 'values' },
  },
  {
    name: 'operator/explain',
    files: /^operator\/explain\//,
    rooms: { 'operator/api': 'values', 'shared/contracts': 'values' },
  },
  {
    name: 'operator/kube',
    files: /^operator\/kube\//,
    rooms: { 'shared/runtime': 'types' },
    packages: { '@kubernetes/client-node': 'values', undici: 'values' },
    node: ['node:crypto', 'node:https'],
  },
  {
    name: 'operator/pods',
    files: /^operator\/pods\//,
    rooms: {
      'operator/api': 'values',
      'shared/contracts': 'values',
      'shared/domain': 'types',
      'shared/runtime': 'types',
    },
    packages: { undici: 'values' },
  },
  {
    name: 'operator/releases',
    files: /^operator\/releases\//,
    rooms: { 'operator/resources': 'values', 'shared/contracts': 'values', 'shared/domain': 'values' },
    node: ['node:crypto'],
  },
  {
    name: 'operator/resources',
    files: /^operator\/resources\//,
    rooms: {
      'operator/api': 'values',
      'operator/releases': 'values',
      'shared/contracts': 'values',
      'shared/domain': 'values',
    },
    packages: { '@kubernetes/client-node': 'types' },
  },
  {
    name: 'operator/caches',
    files: /^operator\/controllers\/caches\//,
    rooms: {
      'operator/api': 'values',
      'operator/resources': 'types',
      'operator/kube': 'values',
      'shared/contracts': 'values',
      'shared/runtime': 'types',
    },
  },
  {
    // Reads, and decides nothing: it sees no gate, sender or decision.
    name: 'operator/observe',
    files: /^operator\/controllers\/[^/]+\/observe\//,
    rooms: {
      'operator/api': 'values',
      'operator/resources': 'values',
      'operator/kube': 'values',
      'operator/caches': 'types',
      'operator/pods': 'types',
      'shared/contracts': 'values',
      'shared/domain': 'values',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'types' },
    node: ['node:crypto'],
  },
  {
    // From here to decide: pure. They see what was observed, and no client.
    name: 'operator/rollout',
    files: /^operator\/controllers\/[^/]+\/rollout\//,
    rooms: {
      'operator/api': 'values',
      'operator/releases': 'values',
      'operator/resources': 'values',
      'operator/explain': 'types',
      'operator/observe': 'types',
      'shared/contracts': 'values',
      'shared/domain': 'types',
    },
  },
  {
    name: 'operator/sender',
    files: /^operator\/controllers\/[^/]+\/sender\//,
    rooms: {
      'operator/api': 'values',
      'operator/resources': 'values',
      'operator/rollout': 'values',
      'operator/trading': 'values',
      'operator/observe': 'types',
      'shared/contracts': 'values',
      'shared/domain': 'values',
    },
  },
  {
    name: 'operator/status',
    files: /^operator\/controllers\/[^/]+\/status\//,
    rooms: {
      'operator/api': 'values',
      'operator/resources': 'types',
      'operator/rollout': 'values',
      'operator/trading': 'values',
      'operator/observe': 'types',
      'shared/contracts': 'values',
      'shared/domain': 'values',
    },
  },
  {
    name: 'operator/trading',
    files: /^operator\/controllers\/[^/]+\/trading\//,
    rooms: {
      'operator/api': 'values',
      'operator/observe': 'types',
      'shared/contracts': 'values',
      'shared/domain': 'values',
    },
  },
  {
    name: 'operator/decide',
    files: /^operator\/controllers\/[^/]+\/(?:decide|decision)\.ts$/,
    rooms: {
      'operator/api': 'values',
      'operator/releases': 'values',
      'operator/resources': 'types',
      'operator/rollout': 'values',
      'operator/sender': 'values',
      'operator/status': 'values',
      'operator/trading': 'values',
      'operator/observe': 'types',
    },
  },
  {
    name: 'operator/shell',
    files:
      /^operator\/controllers\/[^/]+\/(?:apply|claim|claim-events|claim-guard|command|command-answers|new-halts|reconciler|send-command|standby-halts|write-status)\.ts$/,
    rooms: {
      'operator/api': 'values',
      'operator/resources': 'values',
      'operator/status': 'values',
      'operator/trading': 'values',
      'operator/decide': 'values',
      'operator/observe': 'values',
      'operator/caches': 'values',
      'operator/pods': 'types',
      'operator/kube': 'values',
      'shared/runtime': 'types',
    },
  },
  {
    // Pure: what was read of a stack, what follows from it, and how a person sees it.
    name: 'operator/plugin/picture',
    files: /^operator\/plugin\/(?:view|text)\//,
    rooms: {
      'operator/api': 'values',
      'operator/explain': 'values',
      'operator/plugin': 'types',
      'shared/contracts': 'values',
    },
    packages: { yaml: 'values' },
  },
  {
    name: 'operator/plugin',
    files: /^operator\/plugin\//,
    rooms: {
      'operator/api': 'values',
      'operator/plugin/picture': 'values',
      'operator/caches': 'values',
      'operator/observe': 'values',
      'operator/kube': 'values',
      'shared/contracts': 'values',
      'shared/domain': 'types',
      'shared/runtime': 'values',
    },
    packages: { '@kubernetes/client-node': 'values', zod: 'values' },
    node: ['node:child_process', 'node:tty', 'node:util'],
  },
  {
    name: 'operator/config',
    files: /^operator\/config\.ts$/,
    rooms: { 'shared/runtime': 'values' },
    packages: { zod: 'values' },
  },
  {
    name: 'operator/metrics',
    files: /^operator\/metrics\.ts$/,
    rooms: { 'operator/api': 'types' },
    packages: { 'prom-client': 'values' },
  },
  {
    name: 'operator/main',
    files: /^operator\/main\.ts$/,
    rooms: {
      'operator/wire': 'values',
      'operator/api': 'values',
      'operator/config': 'values',
      'shared/runtime': 'values',
    },
  },
  {
    name: 'operator/lead',
    files: /^operator\/lead\.ts$/,
    rooms: {
      'operator/caches': 'types',
      'operator/kube': 'types',
      'shared/runtime': 'types',
    },
  },
  {
    name: 'operator/clients',
    files: /^operator\/clients\.ts$/,
    rooms: {
      'operator/api': 'values',
      'operator/config': 'types',
      'operator/kube': 'values',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'types' },
  },
  {
    name: 'operator/wire',
    files: /^operator\/wire\.ts$/,
    rooms: {
      'operator/shell': 'values',
      'operator/clients': 'values',
      'operator/lead': 'values',
      'operator/observe': 'values',
      'operator/caches': 'values',
      'operator/pods': 'values',
      'operator/kube': 'values',
      'operator/config': 'types',
      'operator/metrics': 'values',
      'operator/api': 'values',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'values' },
    node: ['node:crypto'],
  },
];
