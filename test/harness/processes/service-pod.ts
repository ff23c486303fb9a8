import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import { startServiceProcess, type ServiceProcess } from './service-process.ts';
import { until } from '../until.ts';

/** A service as its pod runs it: a process with its settings and Secrets in files, and a volume that outlives it. */
export interface ServicePod {
  /** Volume of the pod at /tmp. */
  readonly directory: string;
  /** Replaces the settings for the next start. */
  configure(settings: object): void;
  /** Starts the service. Resolves once it serves. */
  start(): Promise<RunningPod>;
  /** Removes the files. */
  remove(): void;
}

export interface RunningPod {
  readonly url: string;
  readonly process: ServiceProcess;
}

export interface ServicePodOptions {
  readonly service: ServiceName;
  readonly settings: object;
  /** Values by file, see SECRET_FILES. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Receives each line that it writes. */
  readonly onText?: (text: string) => void;
}

const SERVICES = join(import.meta.dirname, '../../../services');
/** Generous: a busy machine is no failure. */
const START_MS = 60_000;

export function createServicePod({ service, settings, secrets, env, onText }: ServicePodOptions): ServicePod {
  const directory = mkdtempSync(join(tmpdir(), `tradingstack-${service}-`));
  const paths = { settings: join(directory, 'settings.json'), secrets: join(directory, 'secrets') };
  const configure = (document: object): void => writeFileSync(paths.settings, JSON.stringify(document));
  configure(settings);
  for (const [file, value] of Object.entries(secrets)) {
    const path = join(paths.secrets, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${value}\n`);
  }
  const environment = {
    SETTINGS_FILE: paths.settings,
    SECRETS_DIR: paths.secrets,
    DATA_DIRECTORY: join(directory, 'data'),
    TMPDIR: directory,
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    POD_NAME: 'test',
    ...env,
  };
  return {
    directory,
    configure,
    start: async () => {
      let port: unknown;
      const child = startServiceProcess({
        main: join(SERVICES, service, 'main.ts'),
        env: environment,
        onLine: (line) => {
          if (line['msg'] === 'started') ({ port } = line);
        },
        ...(onText === undefined ? {} : { onText }),
      });
      const started = (): unknown => {
        if (child.ended !== undefined) throw new Error(`${service} ${child.ended}:\n${child.tail()}`);
        return port;
      };
      await until(started, { what: `${service} to serve`, withinMs: START_MS });
      return { url: `http://127.0.0.1:${String(port)}`, process: child };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
