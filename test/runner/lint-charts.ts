import { ROOT } from '../architecture/project.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress } from '../cluster/ensure-cluster.ts';
import { findPrograms } from '../cluster/find-programs.ts';
import { describeFailure } from '../cluster/step.ts';
import { runProcess } from './run-process.ts';

// npm run test:charts: every chart passes helm's own checks and renders.

/** Charts, and the values without which they are not complete. */
const CHARTS: readonly { readonly path: string; readonly values: readonly string[] }[] = [
  { path: 'charts/platform', values: [] },
  { path: 'charts/operator', values: ['--set', 'image=registry.example.com/tradingstack:check'] },
];

/** Values of charts/operator that are to be refused, with what the refusal names. */
const REFUSED: readonly (readonly [value: string, named: string])[] = [
  ['resources={"requests":{"cpu":"fast"}}', '/resources/requests/cpu'],
  ['resources={"limits":{"memory":384}}', '/resources/limits/memory'],
  ['resources={"limits":{"memroy":"384Mi"}}', 'memroy'],
  ['resources={"request":{"cpu":"1"}}', "'request' not allowed"],
  ['nodeSelector={"disk":true}', '/nodeSelector/disk'],
  ['nodeSelector={"bad key!":"x"}', 'bad key!'],
  ['tolerations={"key":"a"}', '/tolerations'],
  ['tolerations=[{"key":"a","operator":"Equals"}]', '/tolerations/0/operator'],
  ['tolerations=[{"key":"a","effect":"NoSchedul"}]', '/tolerations/0/effect'],
  ['tolerations=[{"key":"a","seconds":3}]', "'seconds' not allowed"],
  ['tolerations=[{"value":"a"}]', '/tolerations/0'],
  ['tolerations=[{"key":"a","operator":"Exists","value":"b"}]', '/tolerations/0/value'],
  ['tolerations=[{"key":"a","effect":"NoSchedule","tolerationSeconds":3}]', '/tolerations/0/effect'],
  ['imagePullSecrets=["a"]', '/imagePullSecrets/0'],
  ['dns={"cidrs":["169.254.20.10"]}', '/dns/cidrs/0'],
  ['dns={"port":"53"}', '/dns/port'],
];

async function checkRefusals(helm: string): Promise<void> {
  for (const [value, named] of REFUSED) {
    const values = ['--set', 'image=registry.example.com/tradingstack:check', '--set-json', value];
    const { code, output } = await runProcess([helm, 'template', 'check', 'charts/operator', ...values], { cwd: ROOT });
    if (code !== 0 && output.includes(named)) continue;
    process.stdout.write(`charts/operator takes ${value}, or does not name ${named} in its refusal:\n${output}\n`);
    process.exitCode = 1;
  }
  process.stdout.write(`charts/operator was asked to refuse ${REFUSED.length} wrong values\n`);
}

const paths = clusterPaths(readConfig().cacheDirectory);
try {
  const { helm } = await findPrograms(paths, consoleProgress(paths));
  for (const { path, values } of CHARTS) {
    const lint = await runProcess([helm, 'lint', '--strict', path, ...values], { cwd: ROOT });
    const rendered = await runProcess([helm, 'template', 'check', path, ...values], { cwd: ROOT });
    process.stdout.write(lint.output);
    if (rendered.code !== 0) process.stdout.write(rendered.output);
    const objects = rendered.output.split('\n').filter((line) => line.startsWith('kind: ')).length;
    process.stdout.write(`${path} renders ${objects} objects\n`);
    if (lint.code !== 0 || rendered.code !== 0 || objects === 0) process.exitCode = 1;
  }
  await checkRefusals(helm);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
