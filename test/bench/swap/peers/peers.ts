import { argoRollouts } from './argo-rollouts.ts';
import { recreate, rollingUpdate } from './deployment-peers.ts';
import type { Peer } from './peer.ts';

/** By the name of the command line. */
export const PEERS: Readonly<Record<string, Peer>> = {
  'rolling-update': rollingUpdate,
  recreate,
  'argo-rollouts': argoRollouts,
};
