import { startPrivateApiServer } from '../../harness/kube/private-api-server.ts';
import type { Bench } from '../bench.ts';
import { runOf } from './halt-options.ts';
import { measureHalts } from './measure-halts.ts';
import { OBSTACLES } from './obstacles.ts';
import { reportOf } from './report.ts';

export const haltBench: Bench = {
  summary: 'halt a stack by a patch of its spec, under load, until the venue has its last entry and no open order',
  options: {
    n: { type: 'string' },
    instruments: { type: 'string' },
    obstacle: { type: 'string', multiple: true },
  },
  help: [
    '--n <halts>            halts of each series (default: 50)',
    '--instruments <list>   numbers of instruments (default: 1,5,20); obstacles are placed at the middle one',
    '--obstacle <name>      only this obstacle, or none; may be repeated (default: all)',
    ...Object.entries(OBSTACLES).map(([name, { summary }]) => `  ${name.padEnd(20)} ${summary}`),
  ],
  run: async (output, values) => {
    const run = runOf(values, Object.keys(OBSTACLES));
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort(new Error('interrupted'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    output.progress('starting an API server');
    const server = await startPrivateApiServer();
    try {
      const { kubeconfig } = server;
      const series = await measureHalts(run, { ...output, kubeconfig, signal: interrupted.signal });
      return reportOf(series, output);
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
      await server.stop();
    }
  },
};
