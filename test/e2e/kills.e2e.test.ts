import { expect, inject, test } from 'vitest';
import { killContainer, senderPod, untilBack, type ContainerChoice, type FoundContainer } from './container-process.ts';
import { createKubectl } from './kubectl.ts';
import { leaderOf, leaderPod } from './operator-leader.ts';
import { untilRunning } from './place.ts';
import { soundBooks, tradingGoesOn } from './trading.ts';
import { until } from './until.ts';

const { cluster, place, kubectlOptions, operatorNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
/** How often each process is killed; `npm run chaos` does more. */
const ROUNDS = 2;
const services = [
  ['execution', `tradingstack.dev/service=execution,tradingstack.dev/stack=${place.name}`],
  ['risk', `tradingstack.dev/service=risk,tradingstack.dev/stack=${place.name}`],
  ['redis', 'app.kubernetes.io/name=redis'],
  ['postgres', 'app.kubernetes.io/name=postgres'],
] as const;

test.each(services)(
  '%s restarts after each SIGKILL under load: trading resumes, the stack runs, and the books stay sound',
  async (name, selector) => {
    // Of the two pods of execution, the one that sends.
    const pod = async () => (name === 'execution' ? { pod: await senderPod(kubectl, place) } : {});
    for (let round = 1; round <= ROUNDS; round += 1) {
      const victim = await killOnce(async () => ({ namespace: place.namespace, selector, ...(await pod()) }));
      await untilBack(kubectl, victim);
      await tradingGoesOn(kubectl, place);
    }
    await untilRunning(kubectl, place);
    expect((await soundBooks(kubectl, place)).log.length).toBeGreaterThan(0);
  },
);

test('trading continues after each SIGKILL of the leading operator, another replica leads, and the stack runs', async () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    let killed = '';
    const victim = await killOnce(async () => {
      killed = await leaderOf(kubectl, operatorNamespace);
      return await leaderPod(kubectl, operatorNamespace, killed);
    });
    await tradingGoesOn(kubectl, place);
    await untilBack(kubectl, victim);
    await until('another leader', async () =>
      (await leaderOf(kubectl, operatorNamespace)) === killed ? undefined : true,
    );
  }
  await untilRunning(kubectl, place);
  expect((await soundBooks(kubectl, place)).log.length).toBeGreaterThan(0);
});

/** Kills one process. It retries, because a process that was killed before may still be restarting. */
async function killOnce(victim: () => Promise<ContainerChoice>): Promise<FoundContainer> {
  return await until('a process to kill', async () => await killContainer(kubectl, cluster, await victim()));
}
