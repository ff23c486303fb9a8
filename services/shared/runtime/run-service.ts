import { randomUUID } from 'node:crypto';
import { accessSync, constants, writeFileSync } from 'node:fs';
import type { Registry } from 'prom-client';
import { systemClock, type Clock } from './clock.ts';
import { ConfigError, EXIT_CONFIG, ExitError, messageOf } from './errors.ts';
import { failed, Health, OK } from './health.ts';
import { createHttpServer, type HttpHandler, type HttpServerOptions, type Route } from './http/http-server.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import type { ProcessEnvironment } from './service-environment.ts';
import { untilAborted, type ServicePart } from './service-part.ts';
import { statusRoutes, type Figures } from './http/status-routes.ts';
import { stopOf, supervise, type Outcome } from './supervise.ts';

/** Modules that every service receives to build itself. */
export interface ServiceModules {
  readonly log: Logger;
  readonly clock: Clock;
  readonly health: Health;
  readonly metrics: Registry;
  /** New at every process start. */
  readonly incarnation: string;
}

/** Parts and routes of a service. */
export interface ServicePlan {
  readonly port: number;
  /** Started concurrently, stopped in reverse order. */
  readonly parts: readonly ServicePart[];
  readonly routes?: readonly Route[];
  readonly fallback?: HttpHandler;
  readonly upgrade?: HttpServerOptions['upgrade'];
  /** Maximum body size of requests to the routes of the service. Default: 64 KiB. */
  readonly bodyLimitBytes?: number;
  readonly figures?: () => Figures;
  /** Fields that the service adds to `/statusz`. */
  readonly statusFields?: () => Readonly<Record<string, unknown>>;
  /** For jobs: the first part that resolves ends the process with exit code 0. */
  readonly exitWhenDone?: boolean;
}

export interface ServiceDefinition<C extends { readonly environment: ProcessEnvironment }> {
  readonly name: string;
  /** From config.ts of the service. A ConfigError ends the process with exit code 78. */
  readonly readConfig: () => C;
  readonly build: (config: C, modules: ServiceModules) => ServicePlan | Promise<ServicePlan>;
  readonly drainDeadlineMs?: number;
  readonly stopDeadlineMs?: number;
}

/**
 * Runs one service as this process: reads its configuration, builds it, serves its status and runs its parts until the
 * first one ends or SIGTERM or SIGINT arrives. It alone owns signals and the exit code: 0 stopped or done, 78 invalid
 * configuration, the code of an ExitError, 1 otherwise. A second signal, an uncaught exception or an unhandled
 * rejection ends the process at once with 1. The reason of every failure is also written to the termination log of the
 * container, where the operator reads it.
 */
export async function runService<C extends { readonly environment: ProcessEnvironment }>(
  definition: ServiceDefinition<C>,
): Promise<void> {
  const stopRequest = new AbortController();
  let log = createLogger({ name: definition.name, level: 'info' });
  const exit = (outcome: Outcome): void => {
    report(outcome, log);
    process.exit(outcome.exitCode);
  };
  installExitHandlers(stopRequest, () => log, exit);
  try {
    const config = definition.readConfig();
    const incarnation = randomUUID();
    log = createLogger({ name: definition.name, level: config.environment.logLevel });
    exit(await runUntilStopped({ definition, config, incarnation, log, stopRequest: stopRequest.signal }));
  } catch (error) {
    exit(outcomeOf(error, log));
  }
}

interface RunOptions<C> {
  readonly definition: ServiceDefinition<C & { readonly environment: ProcessEnvironment }>;
  readonly config: C & { readonly environment: ProcessEnvironment };
  readonly incarnation: string;
  readonly log: Logger;
  readonly stopRequest: AbortSignal;
}

async function runUntilStopped<C>({
  definition,
  config,
  incarnation,
  log,
  stopRequest,
}: RunOptions<C>): Promise<Outcome> {
  const { name, drainDeadlineMs = 10_000, stopDeadlineMs = 10_000 } = definition;
  const { release, podName, host } = config.environment;
  const startedAt = new Date();
  const metrics = createMetrics(name, release);
  const health = new Health();
  let stopping = false;
  health.add('process', () => (stopping ? failed('Stopping', 'the process is stopping') : OK));

  const modules = { log, clock: systemClock, health, metrics, incarnation };
  const plan = await Promise.race([definition.build(config, modules), stopOf(stopRequest)]);
  // Stopped meanwhile. Nothing runs yet that would have to be drained.
  if ('exitCode' in plan) return plan;
  const status = { service: name, release, incarnation, startedAt, health, metrics };
  const server = createHttpServer({
    port: plan.port,
    ...(host === undefined ? {} : { host }),
    routes: [
      ...statusRoutes({ ...status, figures: plan.figures, statusFields: plan.statusFields }),
      ...(plan.routes ?? []),
    ],
    log,
    ...(plan.fallback === undefined ? {} : { fallback: plan.fallback }),
    ...(plan.upgrade === undefined ? {} : { upgrade: plan.upgrade }),
    ...(plan.bodyLimitBytes === undefined ? {} : { bodyLimitBytes: plan.bodyLimitBytes }),
  });
  const port = await server.listen();
  log.info({ port, release, incarnation, podName }, 'started');
  const http: ServicePart = { name: 'http', run: untilAborted, stop: async () => await server.close() };
  return await supervise({
    parts: [http, ...plan.parts],
    stopRequest,
    exitWhenDone: plan.exitWhenDone ?? false,
    onStopping: () => {
      stopping = true;
    },
    clock: systemClock,
    log,
    drainDeadlineMs,
    stopDeadlineMs,
  });
}

function installExitHandlers(stopRequest: AbortController, log: () => Logger, exit: (outcome: Outcome) => void): void {
  const onSignal = (name: NodeJS.Signals): void => {
    if (stopRequest.signal.aborted) exit({ exitCode: 1, reason: 'Killed', message: `second signal ${name}` });
    stopRequest.abort(name);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', (error) => exit(outcomeOf(error, log())));
  process.on('unhandledRejection', (error) => exit(outcomeOf(error, log())));
}

function outcomeOf(error: unknown, log: Logger): Outcome {
  if (error instanceof ConfigError) return { exitCode: EXIT_CONFIG, reason: error.code, message: error.message };
  if (error instanceof ExitError) return { exitCode: error.exitCode, reason: error.reason, message: error.message };
  log.fatal({ err: error }, 'unexpected error');
  return { exitCode: 1, reason: 'UnexpectedError', message: messageOf(error) };
}

const TERMINATION_LOG = '/dev/termination-log';

function report(outcome: Outcome, log: Logger): void {
  const { exitCode, reason, message } = outcome;
  if (exitCode === 0) {
    log.info({ exitCode, reason }, 'process ended');
    return;
  }
  log.fatal({ exitCode, reason, problem: message }, 'process failed');
  try {
    // Never created here: outside a container the path may be writable and have no meaning.
    accessSync(TERMINATION_LOG, constants.W_OK);
    writeFileSync(TERMINATION_LOG, `${reason}: ${message}`.slice(0, 4_000));
  } catch {
    // There is no termination log; the log line above contains the reason.
  }
}
