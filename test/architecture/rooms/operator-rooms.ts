import type { Room } from './room.ts';

/** What every room of the operator's controllers may take. */
const CONTROLLER_ROOMS = {
  'operator/api': 'values',
  'operator/releases': 'values',
  'operator/resources': 'values',
  'operator/rollout': 'values',
  'operator/sender': 'values',
  'operator/status': 'values',
  'operator/decide': 'values',
  'operator/explain': 'values',
  'shared/contracts': 'values',
} as const;

/** Decisions and builders: they see what was observed, and no client. */
const PURE_OPERATOR = {
  rooms: { ...CONTROLLER_ROOMS, 'operator/observe': 'types', 'shared/domain': 'values' },
  packages: { '@kubernetes/client-node': 'types' },
  node: ['node:crypto'],
} as const satisfies Pick<Room, 'rooms' | 'packages' | 'node'>;

/** Rooms of `operator/`. */
export const OPERATOR_FOLDERS: readonly Room[] = [
  {
    name: 'operator/api/crds',
    files: /^operator\/api\/crds\//,
    rooms: { 'operator/explain': 'values', 'operator/api': 'values', 'shared/contracts': 'values' },
    packages: { zod: 'values', yaml: 'values' },
    node: ['*'],
  },
  {
    name: 'operator/api',
    files: /^operator\/api\//,
    rooms: { 'shared/contracts': 'values', 'shared/domain': 'values' },
    packages: { zod: 'values', '@kubernetes/client-node': 'types' },
  },
  {
    name: 'operator/explain',
    files: /^operator\/explain\//,
    rooms: { 'operator/api': 'values', 'shared/contracts': 'values' },
  },
  {
    name: 'operator/kube',
    files: /^operator\/kube\//,
    rooms: { 'shared/runtime': 'values' },
    packages: { '@kubernetes/client-node': 'values', undici: 'values', 'prom-client': 'values' },
    node: ['*'],
  },
  {
    name: 'operator/pods',
    files: /^operator\/pods\//,
    rooms: {
      'operator/api': 'values',
      'shared/contracts': 'values',
      'shared/domain': 'values',
      'shared/runtime': 'types',
    },
  },
  { name: 'operator/releases', files: /^operator\/releases\//, ...PURE_OPERATOR },
  { name: 'operator/resources', files: /^operator\/resources\//, ...PURE_OPERATOR },
  {
    name: 'operator/caches',
    files: /^operator\/controllers\/caches\//,
    rooms: { ...CONTROLLER_ROOMS, 'operator/kube': 'values', 'shared/runtime': 'values' },
  },
  {
    name: 'operator/observe',
    files: /^operator\/controllers\/[^/]+\/observe\//,
    rooms: {
      ...CONTROLLER_ROOMS,
      'operator/kube': 'types',
      'operator/caches': 'types',
      'operator/pods': 'types',
      'shared/domain': 'values',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'types' },
    node: ['node:crypto'],
  },
  { name: 'operator/rollout', files: /^operator\/controllers\/[^/]+\/rollout\//, ...PURE_OPERATOR },
  { name: 'operator/sender', files: /^operator\/controllers\/[^/]+\/sender\//, ...PURE_OPERATOR },
  { name: 'operator/status', files: /^operator\/controllers\/[^/]+\/status\//, ...PURE_OPERATOR },
  { name: 'operator/decide', files: /^operator\/controllers\/[^/]+\/(?:decide|decision)\.ts$/, ...PURE_OPERATOR },
  {
    name: 'operator/shell',
    files: /^operator\/controllers\/[^/]+\/(?:apply|reconciler)\.ts$/,
    rooms: {
      ...CONTROLLER_ROOMS,
      'operator/observe': 'values',
      'operator/caches': 'values',
      'operator/pods': 'values',
      'operator/kube': 'values',
      'operator/metrics': 'types',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'types' },
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
    rooms: { 'shared/runtime': 'values', 'operator/api': 'values' },
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
    name: 'operator/wire',
    files: /^operator\/wire\.ts$/,
    rooms: {
      ...CONTROLLER_ROOMS,
      'operator/shell': 'values',
      'operator/caches': 'values',
      'operator/pods': 'values',
      'operator/kube': 'values',
      'operator/config': 'values',
      'operator/metrics': 'values',
      'shared/runtime': 'values',
    },
    packages: { '@kubernetes/client-node': 'values' },
    node: ['*'],
  },
];
