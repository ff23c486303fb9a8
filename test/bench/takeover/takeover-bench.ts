import { startPrivateApiServer } from '../../harness/kube/private-api-server.ts';
import type { Bench, BenchOutput } from '../bench.ts';
import { measureTakeovers } from './measure-takeovers.ts';
import { figuresOf, GOAL_MS, type TakeoverFigures } from './takeover-figures.ts';
import { takeoverRequestOf } from './takeover-options.ts';
import type { Spread } from '../swap/swap-figures.ts';

/**
 * Kills or stops the process that sends under 20 orders a second, and measures how long no order is sent until the
 * spare sends (P11). A real API server, two replicas of the operator, risk, the simulated venue, Redis, Postgres and
 * both processes of execution run on loopback addresses. No kubelet reports that a process has ended, so that the
 * operator learns of each fault by its own requests only.
 */
export const takeoverBench: Bench = {
  summary: 'kill or stop the sender under 20 orders a second, until its spare sends',
  options: { faults: { type: 'string' }, pause: { type: 'string' }, only: { type: 'string' } },
  help: [
    '--faults <n>           faults of each kind (default: 20)',
    '--only <fault>         kill (SIGKILL) or stop (SIGSTOP; default: both, in turn)',
    '--pause <seconds>      before each fault (default: 16, after which takeovers do not count as in a row)',
    'short: --faults 1',
  ],
  run: async (output, values) => {
    const request = takeoverRequestOf(values);
    output.progress('starting an API server, and a stack as processes');
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort(new Error('interrupted'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    const server = await startPrivateApiServer();
    try {
      const system = { kubeconfig: server.kubeconfig, signal: interrupted.signal };
      const figures = figuresOf(await measureTakeovers(system, { ...request, progress: output.progress }));
      printFigures(figures, output);
      return figures;
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
      await server.stop();
    }
  },
};

export function printFigures(figures: TakeoverFigures, { say }: Pick<BenchOutput, 'say'>): void {
  say(`${'p50/p99/max ms'.padEnd(16)}${['faults', 'fence', 'may send', 'first order'].map(cell).join('')}`);
  for (const name of ['kill', 'stop', 'all'] as const) {
    const { fenceMs, maySendMs, firstOrderMs } = figures[name];
    const cells = [String(firstOrderMs.n), ...[fenceMs, maySendMs, firstOrderMs].map(textOf)];
    say(`${name.padEnd(16)}${cells.map(cell).join('')}`);
  }
  const { overlap, late, faults, failure } = figures;
  const goal = `goal ${GOAL_MS.withSkewBound} to ${GOAL_MS.withTolerance} ms`;
  say(`overlap ${overlap}; first order later than ${GOAL_MS.withTolerance} ms: ${late} of ${faults}; ${goal}`);
  if (failure !== null) say(`ended by ${failure}`);
}

const cell = (text: string): string => text.padStart(20);

function textOf({ p50, p99, max }: Spread): string {
  return p50 === null ? 'none' : `${p50}/${p99}/${max}`;
}
