import { expect, it } from 'vitest';
import { createKubectl, KubectlError } from './kubectl.ts';

const target = { kubeconfig: '/nowhere', context: 'none' };
const document = { data: 'x'.repeat(1_000_000) };

it('takes the exit status of a program that ends before it has read its input', async () => {
  await expect(createKubectl({ ...target, binary: 'true' }).apply(document)).resolves.toBe('');
  await expect(createKubectl({ ...target, binary: 'false' }).apply(document)).rejects.toThrow(KubectlError);
});
