import { controlRoutes } from '../../../services/execution/control-routes.ts';
import { createHttpServer } from '../../../services/shared/runtime/http/http-server.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { startExecution, type ExecutionRun, type RunOptions } from '../running-execution.ts';

const TOKEN = 'token';

/** A run of execution that is controlled over HTTP, as the operator does. */
export interface ControlledRun extends ExecutionRun {
  /** Sends a command, and returns the body of the answer. */
  readonly post: (command: 'activate' | 'drain', body: object) => Promise<unknown>;
  /** Kills it, and closes its port. */
  readonly close: () => Promise<void>;
}

export async function startControlled(options: RunOptions): Promise<ControlledRun> {
  const run = startExecution(options);
  const routes = controlRoutes(() => TOKEN, run);
  const log = createLogger({ name: options.incarnation, level: 'silent' });
  const server = createHttpServer({ port: 0, host: '127.0.0.1', routes, log });
  const url = `http://127.0.0.1:${await server.listen()}/control`;
  return {
    ...run,
    get dead() {
      return run.dead;
    },
    post: async (command, body) => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${url}/${command}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return await response.json();
    },
    close: async () => {
      await run.kill();
      await server.close(0);
    },
  };
}
