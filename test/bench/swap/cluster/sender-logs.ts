import type { Kubectl } from '../../../e2e/kubectl.ts';
import type { LogLine } from '../../../harness/processes/service-process.ts';
import { NAMESPACE } from './bench-cluster.ts';

/** Collects what the pods of execution log of the sender: a pod that is deleted takes its log along. */
export interface SenderLogs {
  /** Reads what was logged since it was last called. */
  collect(): Promise<void>;
  readonly lines: readonly LogLine[];
}

const KEPT: ReadonlySet<unknown> = new Set(['role changed', 'fence taken']);
/** The time of a line may be a little older than the line. */
const OVERLAP_MS = 2_000;
const SELECTOR = 'tradingstack.dev/service=execution';

export function createSenderLogs(kubectl: Kubectl): SenderLogs {
  const seen = new Set<string>();
  const lines: LogLine[] = [];
  let readMs = 0;
  const take = (text: string): void => {
    if (seen.has(text) || !text.startsWith('{')) return;
    const line = JSON.parse(text) as LogLine;
    if (!KEPT.has(line['msg'])) return;
    seen.add(text);
    lines.push(line);
  };
  return {
    lines,
    collect: async () => {
      const startedMs = Date.now();
      const names = await kubectl.run('-n', NAMESPACE, 'get', 'pods', '-l', SELECTOR, '-o', 'name');
      const since = `--since-time=${new Date(readMs).toISOString()}`;
      for (const name of names.split('\n').filter(Boolean)) {
        const logs = ['-n', NAMESPACE, 'logs', name, '-c', 'execution', since];
        // A container that was never restarted has no log from before that.
        const before = await kubectl.run(...logs, '--previous').catch(() => '');
        const now = await kubectl.run(...logs).catch(() => '');
        for (const text of `${before}\n${now}`.split('\n')) take(text);
      }
      readMs = startedMs - OVERLAP_MS;
    },
  };
}
