import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServiceProcess, type LogLine, type ServiceProcess } from '../../harness/processes/service-process.ts';

/** A replica of the operator as a process. */
export interface OperatorProcess {
  /** Time at which execution accepted the last halt that was sent to it; undefined until then. */
  haltAcceptedMs(): number | undefined;
  forgetHalt(): void;
  /** Whether the process holds the lease. */
  leads(): boolean;
  /** Kills the process. Returns how to start another, of the same pod. */
  lose(): Promise<() => void>;
  /** Ends the process and starts another, of the same pod. Another kubeconfig points it to another API server. */
  restart(signal: NodeJS.Signals, kubeconfig?: string): Promise<void>;
  tail(): string;
  /** Throws when the process ended by itself. */
  verify(): void;
  stop(): Promise<void>;
}

export interface OperatorOptions {
  readonly kubeconfig: string;
  readonly podName: string;
  readonly namespace: string;
  readonly directory: string;
  /** Comma-separated; empty for all. */
  readonly watchNamespaces: string;
  /** Receives each line that it logs. */
  readonly onLine?: ((line: LogLine) => void) | undefined;
}

const MAIN = join(import.meta.dirname, '../../../operator/main.ts');

export function startOperatorProcess(options: OperatorOptions): OperatorProcess {
  const { kubeconfig, podName, namespace, directory, watchNamespaces } = options;
  let acceptedMs: number | undefined;
  let leads = false;
  let restarting = false;
  let current = launch(kubeconfig);

  function launch(config: string): ServiceProcess {
    const file = join(directory, `${podName}.kubeconfig.json`);
    writeFileSync(file, config, { mode: 0o600 });
    return startServiceProcess({
      main: MAIN,
      env: {
        KUBECONFIG: file,
        POD_NAME: podName,
        POD_NAMESPACE: namespace,
        PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
        WATCH_NAMESPACES: watchNamespaces,
      },
      onLine: (line) => {
        options.onLine?.(line);
        if (line['msg'] === 'leadership changed') leads = line['leader'] === true;
        if (isAcceptedHalt(line)) acceptedMs ??= Date.parse(String(line['time']));
      },
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    restarting = true;
    await current.stop(signal);
    leads = false;
  }

  function start(config: string): void {
    current = launch(config);
    restarting = false;
  }

  return {
    haltAcceptedMs: () => acceptedMs,
    forgetHalt: () => {
      acceptedMs = undefined;
    },
    leads: () => leads,
    restart: async (signal, config = kubeconfig) => {
      await end(signal);
      start(config);
    },
    lose: async () => {
      await end('SIGKILL');
      return () => start(kubeconfig);
    },
    tail: () => current.tail(),
    verify: () => {
      if (!restarting && current.ended !== undefined)
        throw new Error(`the operator ${current.ended}:\n${current.tail()}`);
    },
    stop: async () => await current.stop(),
  };
}

function isAcceptedHalt({ msg, pod, state, outcome }: LogLine): boolean {
  const isHalt = msg === 'trading state sent' && state === 'Halted' && outcome === 'Accepted';
  return isHalt && String(pod).includes('-execution-');
}
