import { startOperatorProcess, type OperatorOptions, type OperatorProcess } from './operator-process.ts';

/** The replicas of the operator, as many as the chart installs. */
export interface Operators {
  /** Time at which execution accepted the last halt that one of them sent to it; undefined until then. */
  haltAcceptedMs(): number | undefined;
  forgetHalt(): void;
  /** Whether one of them holds the lease. */
  lead(): boolean;
  /** Kills the leader and starts it again, of the same pod. */
  killLeader(): Promise<void>;
  /** Ends all and starts them again, of the same pods. Another kubeconfig leads them elsewhere. */
  restart(signal: NodeJS.Signals, kubeconfig?: string): Promise<void>;
  tail(): string;
  /** Throws when a process ended by itself. */
  verify(): void;
  stop(): Promise<void>;
}

const REPLICAS = 2;

export function startOperators(options: Omit<OperatorOptions, 'podName'>): Operators {
  const replicas = Array.from({ length: REPLICAS }, (_, index) =>
    startOperatorProcess({ ...options, podName: `operator-${index}` }),
  );
  const leader = (): OperatorProcess | undefined => replicas.find((replica) => replica.leads());
  const each = async (act: (replica: OperatorProcess) => Promise<void>): Promise<void> => {
    await Promise.all(replicas.map(act));
  };
  return {
    haltAcceptedMs: () => {
      const times = replicas.flatMap((replica) => replica.haltAcceptedMs() ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    forgetHalt: () => {
      for (const replica of replicas) replica.forgetHalt();
    },
    lead: () => leader() !== undefined,
    killLeader: async () => {
      const current = leader();
      if (current === undefined)
        throw new Error(`no operator leads:\n${replicas.map((each) => each.tail()).join('\n')}`);
      await current.restart('SIGKILL');
    },
    restart: async (signal, kubeconfig) => await each(async (replica) => await replica.restart(signal, kubeconfig)),
    tail: () => replicas.map((replica) => replica.tail()).join('\n'),
    verify: () => {
      for (const replica of replicas) replica.verify();
    },
    stop: async () => await each(async (replica) => await replica.stop()),
  };
}
