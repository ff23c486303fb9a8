import type { Advice } from './remedy.ts';
import type { StackReport } from './stack-report.ts';

/** Reasons of the kubelet for a process that ended and wrote no reason of its own. */
const EXITS: ReadonlySet<string> = new Set(['Error', 'Completed', 'OOMKilled', 'CrashLoopBackOff']);

/** Returns what to do about a process of a service that keeps ending without a reason of its own. */
export function exitAdvice(reason: string, service: string, { namespace, name }: StackReport): Advice | undefined {
  if (!EXITS.has(reason)) return undefined;
  const selector = `tradingstack.dev/stack=${name},tradingstack.dev/service=${service}`;
  const log = `kubectl logs -n ${namespace} -l ${selector} --previous`;
  return {
    meaning: `A process of ${service} ended by itself and wrote no reason; Kubernetes restarts it.`,
    remedy:
      reason === 'OOMKilled'
        ? `It needed more memory than its limit: raise spec.services.${service}.resources.limits.memory.`
        : `Read the log of the process that ended, while the pod exists: ${log}`,
    runbook: 'docs/runbook.md, "A process keeps ending"',
  };
}
