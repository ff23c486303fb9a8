import { expect, inject, test } from 'vitest';
import { killContainer } from './kill-container.ts';
import { createKubectl } from './kubectl.ts';
import { soundBooks, tradingGoesOn } from './trading.ts';

const { cluster, place, kubectlOptions, operatorNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const own = { namespace: place.namespace };

const KILLS = 5;
const victims = [
  ['execution', { ...own, selector: `tradingstack.dev/service=execution,tradingstack.dev/stack=${place.name}` }],
  ['risk', { ...own, selector: `tradingstack.dev/service=risk,tradingstack.dev/stack=${place.name}` }],
  ['redis', { ...own, selector: 'app.kubernetes.io/name=redis' }],
  ['postgres', { ...own, selector: 'app.kubernetes.io/name=postgres' }],
  ['operator', { namespace: operatorNamespace, selector: 'app.kubernetes.io/name=tradingstack-operator' }],
] as const;

test.each(victims)(
  '%s killed with -9 under trading, five times: trading resumes by itself and the books stay sound',
  async (_name, victim) => {
    for (let round = 1; round <= KILLS; round += 1) {
      await killContainer(kubectl, cluster, victim);
      await tradingGoesOn(kubectl, place);
    }
    const evidence = await soundBooks(kubectl, place);
    expect(evidence.log.length).toBeGreaterThan(0);
  },
);
