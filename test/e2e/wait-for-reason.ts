import type { Kubectl } from './kubectl.ts';
import { until } from './until.ts';

/** Why a stack does not run, as `kubectl get tradingstack -o wide` shows it. */
export interface Reason {
  /** The column BLOCKED-BY, a shortened form of the message. */
  readonly blockedBy: string;
  /** The full message of the condition Ready. */
  readonly message: string;
}

interface StackView {
  readonly status?: {
    readonly blockedBy?: string;
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  };
}

/**
 * Waits until the message of the first stack of the namespace matches `wanted`, and prints it. Throws after 2 minutes.
 */
export async function waitForReason(kubectl: Kubectl, namespace: string, wanted: RegExp): Promise<Reason> {
  return await until(
    `message ${wanted}`,
    async () => {
      const reason = await reasonOf(kubectl, namespace);
      if (!wanted.test(reason.message))
        throw new Error(`blockedBy is "${reason.blockedBy}", message is "${reason.message}"`);
      process.stdout.write(`${reason.blockedBy}\n  ${reason.message}\n`);
      return reason;
    },
    { withinMs: 120_000 },
  );
}

async function reasonOf(kubectl: Kubectl, namespace: string): Promise<Reason> {
  const { items } = await kubectl.json<{ items: readonly StackView[] }>('-n', namespace, 'get', 'tradingstack');
  const { blockedBy = '', conditions = [] } = items[0]?.status ?? {};
  return { blockedBy, message: conditions.find(({ type }) => type === 'Ready')?.message ?? '' };
}
