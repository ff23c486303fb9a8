import { catalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { activateResponse, type ActivateResponse } from '../../../services/shared/contracts/control.ts';
import { hostOf } from './observe-processes.ts';
import type { Activate } from './sender.ts';

/** Tells a process its epoch. Rejects when it does not answer; asking again is harmless. */
export type PostActivate = (command: Activate, token: string, signal: AbortSignal) => Promise<ActivateResponse>;

/** Longer than a raise of the fence that waits for running transactions. */
const DEADLINE_MS = 5_000;

export const postActivate: PostActivate = async ({ ip, epoch }, token, signal) => {
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
