import type { TestProject } from 'vitest/node';
import { startPrivateApiServer } from './private-api-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Administrator's kubeconfig (JSON) for a real API server that lives as long as the test run. */
    readonly kubeconfig: string;
    /** URL of its etcd, for tests that compact the history. */
    readonly etcdUrl: string;
  }
}

/** Starts one real API server per run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPrivateApiServer();
  project.provide('kubeconfig', server.kubeconfig);
  project.provide('etcdUrl', server.etcdUrl);
  return async () => await server.stop();
}
