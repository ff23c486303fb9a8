import { NO_SENDER } from '../../../../operator/controllers/trading-stack/rollout/colours.ts';
import { STACK_LABEL } from '../../../../operator/api/v1alpha1/labels.ts';
import { sampleStack } from '../../../fixtures/sample-stack.ts';
import { patchSpec } from '../../../e2e/halt/halt-sources.ts';
import { stackSpec, stackStatus, type Halting } from '../../../e2e/halt/trading-state.ts';
import { deleteNamespace, startOwnStack } from '../../../e2e/own-stack.ts';
import { untilRunning } from '../../../e2e/place.ts';
import { query, tradingGoesOn } from '../../../e2e/trading.ts';
import { until } from '../../../e2e/until.ts';
import { evidenceQueries } from '../../../judges/evidence-queries.ts';
import type { OrderRow } from '../../../judges/invariants.ts';
import { unfinishedOrders } from '../../../judges/unfinished-orders.ts';
import { BRISK } from '../../brisk-spec.ts';
import type { Fault } from '../fault.ts';
import { momentOf } from './middle.ts';
import { untilReached } from './swap-fault.ts';
import { changeTo, versionBeside } from './versions.ts';

export const DELETED_NAMESPACE = 'tradingstack-chaos-deleted';
const DELETED_WITHIN_MS = 240_000;

/**
 * Deletes a stack in the middle of a swap, and creates one of that name again. It is a stack of its own: with the stack
 * its venue is deleted, whose log the other judgements of a run compare with.
 */
export const deletionInSwap: Fault = {
  name: 'swap-delete',
  strike: async ({ cluster, kubectl, place }, { seconds }) => {
    const { image } = (await stackSpec({ kubectl, place })).release;
    const stack = await startOwnStack({ cluster, image, namespace: DELETED_NAMESPACE, change: BRISK });
    try {
      await tradingGoesOn(kubectl, stack.place);
      const before = (await stackStatus(stack)).status.execution ?? NO_SENDER;
      await patchSpec(stack, changeTo(versionBeside(null, 'After')));
      await untilReached(stack, momentOf(seconds, 'Patched'), before);
      await untilDeleted(stack);
      const { orders } = evidenceQueries(`'${stack.place.id}'`);
      const unfinished = unfinishedOrders(await query<OrderRow>(kubectl, stack.place, orders));
      const { namespace, name } = stack.place;
      await kubectl.apply(sampleStack({ name, namespace, image, change: BRISK }));
      await tradingGoesOn(kubectl, await untilRunning(kubectl, { namespace, name }));
      return unfinished;
    } finally {
      await deleteNamespace(kubectl, DELETED_NAMESPACE);
    }
  },
};

/** Deletes the stack, and waits until neither it nor one of its objects is left. */
async function untilDeleted({ kubectl, place }: Halting): Promise<void> {
  const { namespace, name } = place;
  await kubectl.run('-n', namespace, 'delete', 'tradingstack', name, '--wait=false');
  const left = async (...what: readonly string[]): Promise<string> =>
    (await kubectl.run('-n', namespace, 'get', ...what, '--ignore-not-found', '-o', 'name')).trim();
  await until(
    'the stack to be deleted',
    async () => {
      const stack = await left('tradingstack', name);
      const objects = await left('deployments,pods,services,configmaps,jobs', '-l', `${STACK_LABEL}=${name}`);
      if (stack !== '' || objects !== '') throw new Error(`left: ${stack} ${objects}`);
      return true;
    },
    { withinMs: DELETED_WITHIN_MS },
  );
}
