import type { Kubectl } from './kubectl.ts';

/** Prints as JSON whether each `host:port` accepts a TCP connection within 2 s: `open`, or `closed` and the reason. */
const PROBE = `
const { connect } = require('node:net');
const probe = (target) => new Promise((resolve) => {
  const [host, port] = target.split(':');
  const socket = connect({ host, port: Number(port) });
  const end = (text) => { socket.destroy(); resolve([target, text]); };
  socket.setTimeout(2000, () => end('closed timeout'));
  socket.on('connect', () => end('open'));
  socket.on('error', (error) => end('closed ' + error.code));
});
const print = (results) => console.log(JSON.stringify(Object.fromEntries(results)));
Promise.all(process.argv.slice(1).map(probe)).then(print);
`;

/** Probes every `host:port` in parallel from inside a pod, with the node binary of its own image. */
export async function tryConnections(
  kubectl: Kubectl,
  from: { readonly namespace: string; readonly pod: string },
  targets: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const out = await kubectl.run('-n', from.namespace, 'exec', from.pod, '--', 'node', '-e', PROBE, ...targets);
  return JSON.parse(out) as Readonly<Record<string, string>>;
}

/** Port on which a stranger pod listens. */
export const STRANGER_PORT = 8080;

/** Returns a pod of the project's image that no policy selects. It is ready once it accepts connections. */
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
          command: ['node', '-e', `require('node:net').createServer().listen(${STRANGER_PORT})`],
          readinessProbe: { tcpSocket: { port: STRANGER_PORT }, periodSeconds: 1 },
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
