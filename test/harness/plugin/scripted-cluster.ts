import { afterEach, beforeEach, expect } from 'vitest';
import {
  TRADING_STATE_ANNOTATION,
  TRADING_STATE_REASON_ANNOTATION,
  TRADING_STATE_REQUEST_ANNOTATION,
} from '../../../operator/api/v1alpha1/labels.ts';
import type { TradingStackStatus } from '../../../operator/api/v1alpha1/trading-stack/status.ts';
import { ago, NOW_MS, runningStatus, storedStack } from '../../fixtures/plugin-report.ts';
import {
  sendJson,
  sendStatus,
  startFakeApiServer,
  type ApiAnswer,
  type ApiCall,
  type FakeApiServer,
} from '../kube/fake-api-server.ts';
import { impatientClock, runCommand, type Ran, type RunOptions } from './run-command.ts';

export const STACKS = '/apis/tradingstack.dev/v1alpha1/namespaces/trading/tradingstacks';
export const PODS = '/api/v1/namespaces/trading/pods';
/** Entry of managedFields that says that the plugin set the annotation. */
export const OWN = {
  manager: 'kubectl-tradingstack',
  fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${TRADING_STATE_ANNOTATION}`]: {} } } },
};

export interface Scripted {
  readonly status?: TradingStackStatus;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly object[];
  readonly spec?: object;
}

/** The stack demo, as the API server has it. */
export function stackOf({ status = runningStatus(), annotations = {}, managedFields = [], spec = {} }: Scripted = {}) {
  const { metadata, ...rest } = storedStack(status, spec);
  return { ...rest, metadata: { ...metadata, resourceVersion: '7', annotations, managedFields } };
}

/** A pod of the stack whose only container is in that state. */
export function pod(service: string, state: object = { running: {} }, restartCount = 0) {
  const labels = { 'tradingstack.dev/service': service };
  return {
    metadata: { name: `demo-${service}-1`, uid: `${service}-uid`, creationTimestamp: ago(60), labels },
    status: { phase: 'Running', podIP: '10.0.0.1', containerStatuses: [{ ready: true, restartCount, state }] },
  };
}

export function list(...items: unknown[]) {
  return { metadata: { resourceVersion: '1' }, items };
}

export const forbidden: ApiAnswer = (response) =>
  sendStatus(response, 403, { reason: 'Forbidden', message: 'User "ada" cannot' });

/** Annotations of a patch that requests a state. */
export function requested(state: string | null, reason: string, resourceVersion?: string) {
  return {
    annotations: {
      [TRADING_STATE_ANNOTATION]: state,
      [TRADING_STATE_REASON_ANNOTATION]: reason,
      [TRADING_STATE_REQUEST_ANNOTATION]: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    },
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Answers by `METHOD path`; the first key that a request starts with counts. */
export type Script = Readonly<Record<string, ApiAnswer | object>>;

export interface ScriptedCluster {
  readonly server: () => FakeApiServer;
  readonly script: (answers: Script) => void;
  /** Runs a command line. Words in single quotes stay together. Waiting takes no time. */
  readonly plugin: (args: string, options?: Partial<RunOptions>) => Promise<Ran>;
  readonly writes: () => readonly ApiCall[];
  /** The metadata of each patch, in order. */
  readonly patches: () => readonly object[];
}

/** Gives each test of the file an API server of its own. */
export function useScriptedCluster(): ScriptedCluster {
  let server: FakeApiServer;
  beforeEach(async () => {
    server = await startFakeApiServer();
  });
  afterEach(async () => await server.close());
  const writes = () => server.calls.filter(({ method }) => method !== 'GET' && method !== 'POST');
  return {
    server: () => server,
    script: (answers) => server.answer((response, call) => answer(answers, response, call)),
    plugin: async (args, options = {}) => {
      const words = (args.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
      return await runCommand(words, { kubeConfig: server.kubeConfig, clock: impatientClock(NOW_MS), ...options });
    },
    writes,
    patches: () => writes().map(({ body }) => (JSON.parse(body) as { readonly metadata: object }).metadata),
  };
}

function answer(answers: Script, response: Parameters<ApiAnswer>[0], call: ApiCall): void {
  const key = Object.keys(answers).find((each) => `${call.method} ${call.path}`.startsWith(each)) ?? '';
  const scripted = answers[key];
  if (scripted === undefined) sendStatus(response, 404, { reason: 'NotFound', message: `no ${call.path}` });
  else if (typeof scripted === 'function') (scripted as ApiAnswer)(response, call);
  else sendJson(response, scripted);
}
