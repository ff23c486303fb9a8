import { parseAllDocuments } from 'yaml';
import { OPERATOR_NAME } from '../../../operator/api/v1alpha1/labels.ts';
import type { KubeObject } from '../../../operator/kube/client/resource.ts';
import { ROOT } from '../../architecture/project.ts';
import { clusterPaths } from '../../cluster/cluster-paths.ts';
import { readConfig } from '../../cluster/config.ts';
import { findPrograms } from '../../cluster/find-programs.ts';
import { createProgress } from '../../cluster/process/step.ts';
import { runProcess } from '../../runner/run-process.ts';

/** Namespace into which the tests install the operator. */
export const OPERATOR_NAMESPACE = 'tradingstack-system';
/** User name of the operator's service account. */
export const OPERATOR_ACCOUNT = `system:serviceaccount:${OPERATOR_NAMESPACE}:${OPERATOR_NAME}`;

/** Renders charts/operator with helm. `values` are arguments of helm, such as `--set name=value`. */
export async function renderOperatorChart(values: readonly string[] = []): Promise<readonly KubeObject[]> {
  return await renderChart('operator', ['--set', 'image=registry.example.com/tradingstack:test', ...values]);
}

/** Renders a chart with helm, without a cluster. Throws if helm refuses it. */
export async function renderChart(
  chart: 'operator' | 'platform',
  values: readonly string[],
): Promise<readonly KubeObject[]> {
  const paths = clusterPaths(readConfig().cacheDirectory);
  const write = (text: string): unknown => process.stderr.write(text);
  const { helm } = await findPrograms(paths, createProgress({ write, interactive: false, logDirectory: paths.logs }));
  const where = ['--namespace', OPERATOR_NAMESPACE];
  const { code, output } = await runProcess(
    [helm, 'template', 'tradingstack-operator', `charts/${chart}`, ...where, ...values],
    { cwd: ROOT },
  );
  if (code !== 0) throw new Error(output);
  return parseAllDocuments(output)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}
