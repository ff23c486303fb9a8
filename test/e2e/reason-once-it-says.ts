import type { Kubectl } from './kubectl.ts';
import { until } from './until.ts';

/** What `kubectl get tradingstack -o wide` tells of a stack that does not run. */
export interface Reason {
  /** The column BLOCKED-BY: a short form of the message. */
  readonly blockedBy: string;
  /** The condition Ready's, in full. */
  readonly message: string;
}

interface StackView {
  readonly status?: {
    readonly blockedBy?: string;
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  };
}

/** Waits until the first stack of the namespace gives such a reason, and prints it. */
export async function reasonOnceItSays(kubectl: Kubectl, namespace: string, wanted: RegExp): Promise<Reason> {
  return await until(
    `message ${wanted}`,
    async () => {
      const reason = await reasonOf(kubectl, namespace);
      if (!wanted.test(reason.message)) throw new Error(`it says "${reason.blockedBy}", "${reason.message}"`);
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
