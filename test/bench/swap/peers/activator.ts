import type { V1Container } from '@kubernetes/client-node';
import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY } from '../../../../services/shared/contracts/pod-files.ts';

/**
 * Takes the fence for the sender of the same pod. It looks ten times a second: when the sender is ready to take over,
 * and the Service of the sender answers with this very process, it raises the fence.
 */
const PROGRAM = `
const { readFileSync } = require('node:fs');
const { request } = require('node:http');
const { CONTROL_TOKEN: file, OWN: own, SERVICE: service } = process.env;
const ask = (url, method = 'GET', body) => new Promise((resolve, reject) => {
  const headers = { authorization: 'Bearer ' + readFileSync(file, 'utf8').trim() };
  const asked = request(url, { method, headers, agent: false, timeout: 1000 }, (response) => {
    let text = '';
    response.on('data', (chunk) => (text += chunk));
    response.on('end', () => { try { resolve(JSON.parse(text)); } catch (error) { reject(error); } });
  });
  asked.on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('error', reject);
  asked.end(body);
});
const look = async () => {
  const { incarnation, sender } = await ask(own + '/statusz');
  const isReady = (sender.role === 'armed' || sender.role === 'standby') && sender.rehearsed === true;
  if (!isReady || (await ask(service + '/statusz')).incarnation !== incarnation) return;
  const answer = await ask(own + '/control/activate', 'POST', JSON.stringify({ epoch: sender.fenceEpoch + 1 }));
  console.log(JSON.stringify(answer));
};
const run = () => look().catch(() => {}).finally(() => setTimeout(run, 100));
process.on('SIGTERM', () => process.exit(0));
run();
`;

/** Returns the container that stands in for the operator in a pod of the sender. `service` is the sender's Service. */
export function activatorOf(sender: V1Container, service: string): V1Container {
  const { port } = catalogueRow('execution');
  const control = sender.volumeMounts?.filter(({ name }) => name === 'control') ?? [];
  return {
    name: 'activator',
    ...(sender.image === undefined ? {} : { image: sender.image }),
    command: ['node', '-e', PROGRAM],
    env: [
      { name: 'CONTROL_TOKEN', value: `${SECRETS_DIRECTORY}/${SECRET_FILES.controlToken}` },
      { name: 'OWN', value: `http://127.0.0.1:${port}` },
      { name: 'SERVICE', value: `http://${service}:${port}` },
    ],
    ...(sender.securityContext === undefined ? {} : { securityContext: sender.securityContext }),
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
    volumeMounts: control,
  };
}
