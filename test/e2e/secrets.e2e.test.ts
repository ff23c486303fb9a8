import { expect, inject, test } from 'vitest';
import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET } from '../../operator/api/v1alpha1/labels.ts';
import { CATALOGUE } from '../../services/shared/contracts/catalogue.ts';
import { leakedSecrets } from '../judges/security/leaked-secrets.ts';
import { createKubectl } from './kubectl.ts';
import { logged, secretsIn, writingsIn } from './pod-writings.ts';

const { place, kubectlOptions, operatorNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);

/** After the kills of this run: errors are what prints connections and commands. */
test('no log, status, metric or object of the stack and of the operator has a value of a Secret', async () => {
  const namespaces = [place.namespace, operatorNamespace];
  const secrets = (await Promise.all(namespaces.map(async (name) => await secretsIn(kubectl, name)))).flat();
  const names = secrets.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'platform-execution/redis-password',
      'platform-execution/postgres-password',
      'platform-admin/postgres-password',
      `${CONTROL_SECRET}/token`,
      `${PAPER_ACCOUNT_SECRET}/secretKey`,
    ]),
  );
  const writings = (await Promise.all(namespaces.map(async (name) => await writingsIn(kubectl, name)))).flat();
  const running = CATALOGUE.filter(({ update }) => update !== 'Job').map(({ name }) => name);
  expect(logged(writings)).toEqual(expect.arrayContaining([...running, 'redis', 'postgres', 'operator']));
  expect(leakedSecrets(writings, secrets)).toEqual([]);
});
