import { catalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { activateResponse, type ActivateResponse } from '../../../services/shared/contracts/control.ts';
import { KubeError } from '../../kube/kube-error.ts';
import { hostOf } from './observe-processes.ts';
import type { Activate } from './sender.ts';

/** Tells a process its epoch. Rejects when it does not answer; asking again is harmless. */
export type PostActivate = (command: Activate, token: string, signal: AbortSignal) => Promise<ActivateResponse>;

/** Longer than a raise of the fence that waits for running transactions. */
const DEADLINE_MS = 5_000;

/**
 * The port to the processes. Rejects with `NotLeader`, before anything is sent, once this operator may not write any more: an
 * activation is a write like those to the API server, and another operator may be choosing the sender already.
 */
export function createPostActivate(mayWrite: () => boolean): PostActivate {
  return async (command, token, signal) => {
    if (!mayWrite())
      throw new KubeError('NotLeader', 'this process does not hold the lease and may not activate a sender');
    return await post(command, token, signal);
  };
}

const post: PostActivate = async ({ ip, epoch }, token, signal) => {
  const response = await fetch(`http://${hostOf(ip)}:${catalogueRow('execution').port}/control/activate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ epoch }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  });
  const body: unknown = await response.json();
  if (response.status !== 200 && response.status !== 409)
    throw new Error(`activation answered HTTP ${response.status}`);
  return activateResponse.parse(body);
};
