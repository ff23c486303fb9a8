import type { Kubectl } from './kubectl.ts';

/** Prints `open` or `closed <why>`: whether a TCP connection to host and port is accepted within 2 s. */
const PROBE = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
const end = (text) => { console.log(text); process.exit(0); };
socket.setTimeout(2000, () => end('closed timeout'));
socket.on('connect', () => end('open'));
socket.on('error', (error) => end('closed ' + error.code));
`;

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Tries the connection from inside a pod, with the node binary of its own image. */
export async function tryConnection(
  kubectl: Kubectl,
  from: { readonly namespace: string; readonly pod: string },
  to: Target,
): Promise<string> {
  const out = await kubectl.run(
    '-n',
    from.namespace,
    'exec',
    from.pod,
    '--',
    'node',
    '-e',
    PROBE,
    to.host,
    String(to.port),
  );
  return out.trim();
}

/** A pod of the project's image that sleeps: a stranger, unless `labels` say otherwise. */
export function strangerPod(name: string, namespace: string, image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'stranger',
          image,
          command: ['node', '-e', 'setTimeout(() => {}, 3_600_000)'],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
        },
      ],
    },
  };
}
