import type { V1Secret } from '@kubernetes/client-node';
import { CONTROL_SECRET } from '../api/v1alpha1/labels.ts';
import { childMeta, type StackContext } from './stack-context.ts';

/** Secret with the token that authenticates the operator to a service. */
export function buildControlSecret(context: Pick<StackContext, 'name' | 'namespace' | 'uid'>, token: string): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMeta(context, CONTROL_SECRET),
    type: 'Opaque',
    data: { token: encode(token) },
  };
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
