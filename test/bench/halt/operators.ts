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
  /** Kills the leader. Returns how to start it again, of the same pod. */
  loseLeader(): Promise<() => void>;
  /** Ends all and starts them again, of the same pods. Another kubeconfig points them to another API server. */
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
  const leads = (): OperatorProcess | undefined => replicas.find((replica) => replica.leads());
  const tail = (): string => replicas.map((replica) => replica.tail()).join('\n');
  const leader = (): OperatorProcess => {
    const current = leads();
    if (current === undefined) throw new Error(`no operator leads:\n${tail()}`);
    return current;
  };
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
    lead: () => leads() !== undefined,
    killLeader: async () => await leader().restart('SIGKILL'),
    loseLeader: async () => await leader().lose(),
    restart: async (signal, kubeconfig) => await each(async (replica) => await replica.restart(signal, kubeconfig)),
    tail,
    verify: () => {
      for (const replica of replicas) replica.verify();
    },
    stop: async () => await each(async (replica) => await replica.stop()),
  };
}
