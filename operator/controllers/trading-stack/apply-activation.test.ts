import { afterEach, expect, it, vi } from 'vitest';
import { createPostActivate } from './apply-activation.ts';

const command = { pod: 'demo-execution-blue-0', ip: '10.0.0.7', epoch: 3 };
const answer = { accepted: true, epoch: 3, reason: '' };
const { signal } = new AbortController();

afterEach(() => void vi.unstubAllGlobals());

it('sends nothing once the lease is not held, and asks anew for each activation', async () => {
  const send = vi.fn<typeof fetch>(async () => await Promise.resolve(Response.json(answer)));
  vi.stubGlobal('fetch', send);
  let leads = true;
  const postActivate = createPostActivate(() => leads);
  expect(await postActivate(command, 'token', signal)).toEqual(answer);
  leads = false;
  await expect(postActivate(command, 'token', signal)).rejects.toMatchObject({ name: 'KubeError', code: 'NotLeader' });
  expect(send).toHaveBeenCalledTimes(1);
});
