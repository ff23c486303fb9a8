import type { Bench } from '../bench.ts';
import { measureReconciles } from './measure-reconciles.ts';
import { reconcileRunOf } from './reconcile-options.ts';
import { reportOf } from './report.ts';

/**
 * Measures the operator with many stacks, beside a loop over the informers of client-node alone.
 *
 * What is real: etcd, the API server, the controller manager and the scheduler, the operator as the image has it, in a
 * process of its own, and every request between them. kwok plays the nodes: it makes each pod Ready at once, with an
 * address of its own on loopback. No process of a stack runs. A load generator answers at the address of each pod as
 * the process of that pod does (answers/): it passes every check, with the types of the code's own contracts, and obeys
 * activate, drain and halt at once. So a stack converges through every gate, and what it takes is the time of the
 * operator, of the API server, and of the controllers; not that of a pull, of a start or of a feed.
 *
 * Every figure but two is taken from the audit log of the API server, on one clock: who asked for what, when the server
 * received it, and when it had answered. The two are what the watch of the bench sees, for the convergence, and what
 * the kernel says of the process, for memory, processor time and connections. A connection that lives for less than
 * half a second may not be counted; both programs keep one open for longer.
 *
 * The reference keeps the stacks and their children in the informers of client-node, and answers each event by one
 * server-side apply of a ConfigMap, without comparing or deciding anything. It runs on the same API server after the
 * operator has ended, with the same stacks, the same edits and the same changes of children. It has nothing to repair:
 * its time to repair is that of its write. When it is edited, no rollout of an edit before goes on beside it.
 *
 * The operator has one replica. Both programs are administrators, whose requests the API server does not queue.
 */
export const reconcileBench: Bench = {
  summary: 'reconcile many stacks on a real API server with nodes of kwok, beside an informer loop of client-node',
  options: {
    stacks: { type: 'string' },
    minutes: { type: 'string' },
    edits: { type: 'string' },
    drifts: { type: 'string' },
  },
  help: [
    '--stacks <n>           stacks, each with a namespace of its own (default: 20)',
    '--minutes <n>          how long nothing is changed, for writes, requests and memory (default: 2)',
    '--edits <n>            changes of a spec (default: two for each stack)',
    '--drifts <n>           children that are deleted or altered (default: one for each stack)',
    'The operator has a lease of 120 s, because nothing starts it again when a busy machine costs it one of 15 s.',
    'long: --stacks 100 --minutes 30; short: --stacks 3 --minutes 0.2',
  ],
  run: async (output, values) => {
    const run = reconcileRunOf(values);
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort(new Error('interrupted'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    try {
      return reportOf(await measureReconciles(run, { ...output, signal: interrupted.signal }), output);
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    }
  },
};
