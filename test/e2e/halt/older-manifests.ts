import type { Halting } from './trading-state.ts';

/** A manifest from before a halt, and how it comes back. */
export interface OlderManifest {
  readonly name: string;
  /** Whether it resets spec.halt. Server-side apply leaves a field alone that it does not name and does not own. */
  readonly resets: boolean;
  /** Field manager that owns spec.halt afterwards. Undefined if the manifest leaves the field out. */
  readonly manager?: string;
  readonly write: () => Promise<void>;
}

interface StackManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly spec: object;
}

/** Reads the stack as it is now, before the halt, and returns every way in which people and tools write it back. */
export async function olderManifests({ kubectl, place }: Halting): Promise<readonly OlderManifest[]> {
  const stored = await kubectl.json<StackManifest>('-n', place.namespace, 'get', 'tradingstack', place.name);
  const { name, namespace, annotations = {}, finalizers = [] } = stored.metadata;
  const { apiVersion, kind, spec } = stored;
  const without = { apiVersion, kind, metadata: { name, namespace, annotations, finalizers }, spec: withoutHalt(spec) };
  const withField = { ...without, spec: { ...without.spec, halt: false } };
  const helm = ['--type', 'merge', '--field-manager', 'helm', '-p', '{"spec":{"halt":false}}'];
  const serverSide = ['--server-side', '--force-conflicts', '--field-manager', 'argocd-controller'];
  return [
    {
      name: 'kubectl replace with halt: false',
      resets: true,
      manager: 'kubectl-replace',
      write: async () => void (await kubectl.replace(withField)),
    },
    {
      name: 'kubectl replace without the field',
      resets: true,
      write: async () => void (await kubectl.replace(without)),
    },
    {
      name: 'kubectl apply with halt: false',
      resets: true,
      manager: 'kubectl-client-side-apply',
      write: async () => void (await kubectl.apply(withField)),
    },
    { name: 'kubectl apply without the field', resets: true, write: async () => void (await kubectl.apply(without)) },
    {
      name: 'server-side apply with halt: false',
      resets: true,
      manager: 'argocd-controller',
      write: async () => void (await kubectl.apply(withField, ...serverSide)),
    },
    {
      name: 'server-side apply without the field',
      resets: false,
      write: async () => void (await kubectl.apply(without, ...serverSide)),
    },
    {
      name: 'the rollback of a deployment tool',
      resets: true,
      manager: 'helm',
      write: async () => void (await kubectl.run('-n', namespace, 'patch', 'tradingstack', name, ...helm)),
    },
  ];
}

function withoutHalt(spec: object): object {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'halt'));
}
