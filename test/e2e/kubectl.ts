import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { environmentWith } from '../cluster/config.ts';

const execute = promisify(execFile);

export interface KubectlOptions {
  readonly binary: string;
  readonly kubeconfig: string;
  readonly context: string;
}

/** A failed kubectl command, with the text that it wrote to standard error. */
export class KubectlError extends Error {
  readonly code = 'KubectlFailed';
  readonly stderr: string;

  constructor(args: readonly string[], stderr: string) {
    super(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
    this.name = 'KubectlError';
    this.stderr = stderr;
  }
}

export interface Kubectl {
  /** Returns the standard output of `kubectl <args>`. Throws KubectlError. */
  run(...args: readonly string[]): Promise<string>;
  /** Returns the parsed output of `kubectl <args> -o json`. Throws KubectlError. */
  json<T>(...args: readonly string[]): Promise<T>;
  /** Runs `kubectl apply -f -` with the document on standard input. Throws KubectlError. */
  apply(document: object, ...args: readonly string[]): Promise<string>;
  /**
   * Runs `kubectl replace -f -` with the document on standard input, again after a conflict: it reads the version that
   * it replaces, and the operator may write the status in between. Throws KubectlError.
   */
  replace(document: object): Promise<string>;
  /** Gets a path of the API server, such as a pod's port through its proxy. Throws KubectlError. */
  raw(path: string): Promise<string>;
  /** Posts a JSON body to a path of the API server, and returns the answer. Throws KubectlError. */
  post(path: string, body: object): Promise<string>;
}

const CONFLICTS_MAX = 4;

export function createKubectl({ binary, kubeconfig, context }: KubectlOptions): Kubectl {
  const target = ['--context', context];
  const env = environmentWith({ KUBECONFIG: kubeconfig });
  const run = async (args: readonly string[], input?: string): Promise<string> => {
    try {
      const options = { env, maxBuffer: 256 * 1024 * 1024 };
      const running = execute(binary, [...target, '--request-timeout=30s', ...args], options);
      // A program that ends before it has read its input closes the pipe. Its exit status is the result.
      running.child.stdin?.on('error', () => undefined);
      running.child.stdin?.end(input ?? '');
      return (await running).stdout;
    } catch (error) {
      throw new KubectlError(args, (error as { stderr?: string }).stderr ?? String(error));
    }
  };
  return {
    run: async (...args) => await run(args),
    json: async <T>(...args: readonly string[]) => JSON.parse(await run([...args, '-o', 'json'])) as T,
    apply: async (document, ...args) => await run(['apply', '-f', '-', ...args], JSON.stringify(document)),
    replace: async (document) => {
      const write = async (): Promise<string> => await run(['replace', '-f', '-'], JSON.stringify(document));
      for (let conflicts = 0; conflicts < CONFLICTS_MAX; conflicts += 1) {
        const outcome = await write().catch((error: unknown) => error);
        if (typeof outcome === 'string') return outcome;
        if (!(outcome instanceof KubectlError && outcome.message.includes('(Conflict)'))) throw outcome;
      }
      return await write();
    },
    raw: async (path) => await run(['get', '--raw', path]),
    post: async (path, body) => await run(['create', '--raw', path, '-f', '-'], JSON.stringify(body)),
  };
}
