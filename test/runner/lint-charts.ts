import { createHash } from 'node:crypto';
import { ROOT } from '../architecture/project.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress } from '../cluster/ensure-cluster.ts';
import { findPrograms } from '../cluster/find-programs.ts';
import { describeFailure } from '../cluster/process/step.ts';
import { chartSecurityProblems } from './check-chart-security.ts';
import { runProcess } from './run-process.ts';

// npm run test:charts: every chart passes helm's own checks, renders, and refuses values that the API server would not
// take.

/** A chart, and the values without which it is not complete. */
interface Chart {
  readonly path: string;
  readonly values: readonly string[];
}

const PLATFORM: Chart = { path: 'charts/platform', values: [] };
const OPERATOR: Chart = { path: 'charts/operator', values: ['--set', 'image=registry.example.com/tradingstack:check'] };

/** A value that is to be refused, and what the refusal names. */
type Refusal = readonly [value: string, named: string];

/** For both charts. */
const REFUSED: readonly Refusal[] = [
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
  ['imagePullSecrets=[{"nam":"a"}]', "'nam' not allowed"],
  ['dns={"cidrs":["169.254.20.10"]}', '/dns/cidrs/0'],
  ['dns={"port":"53"}', '/dns/port'],
];

/** Of the chart of the operator. */
const CONTROLLER: readonly Refusal[] = [
  ['controller={"workers":0}', '/controller/workers'],
  ['controller={"podTimeoutMs":"1s"}', '/controller/podTimeoutMs'],
  ['controller={"auditIntervalMs":1000}', '/controller/auditIntervalMs'],
  ['admissionPolicies={"enable":true}', "'enable' not allowed"],
  ['controller={"worker":8}', "'worker' not allowed"],
];

/** Of everything that has resources, by the path of its value. */
function refusedResources(path: string): Refusal[] {
  const at = `/${path.replaceAll('.', '/')}`;
  return [
    [`${path}={"requests":{"cpu":"fast"}}`, `${at}/requests/cpu`],
    [`${path}={"limits":{"memory":384}}`, `${at}/limits/memory`],
    [`${path}={"limits":{"memroy":"384Mi"}}`, 'memroy'],
    [`${path}={"request":{"cpu":"1"}}`, "'request' not allowed"],
  ];
}

async function checkRefusals({ path, values }: Chart, refused: readonly Refusal[], helm: string): Promise<void> {
  for (const [value, named] of refused) {
    const wrong = [...values, '--set-json', value];
    const { code, output } = await runProcess([helm, 'template', 'check', path, ...wrong], { cwd: ROOT });
    if (code !== 0 && output.includes(named)) continue;
    process.stdout.write(`${path} accepts ${value}, or its error does not name ${named}:\n${output}\n`);
    process.exitCode = 1;
  }
  process.stdout.write(`${path}: tried ${refused.length} invalid values\n`);
}

/** More people may read Pods than Secrets, so a Pod must not contain anything from which a password can be guessed. */
async function checkPasswordNotes(helm: string): Promise<void> {
  const { output } = await runProcess([helm, 'template', 'check', PLATFORM.path], { cwd: ROOT });
  const notes = new Set([...output.matchAll(/dev\/passwords: "([0-9a-f]{16})"/g)].map(([, note]) => note));
  const passwords = [...output.matchAll(/-password: (\S+)/g)].map(([, text = '']) => Buffer.from(text, 'base64'));
  const unsalted = passwords.map((password) => createHash('sha256').update(password).digest('hex').slice(0, 16));
  if (passwords.length > 0 && notes.size === 2 && !unsalted.some((hash) => notes.has(hash))) return;
  process.stdout.write(`${PLATFORM.path} shows a password's own hash in its pods, or no note of its passwords\n`);
  process.exitCode = 1;
}

/** With existing servers, the chart installs none, and the roles Job connects to the configured host. */
async function checkExistingServers(helm: string): Promise<void> {
  const values = ['--set', 'redis.enabled=false,postgres.enabled=false,postgres.host=db.example.com'];
  const { output } = await runProcess([helm, 'template', 'check', PLATFORM.path, ...values], { cwd: ROOT });
  const isRight =
    output.includes('{name: PGHOST, value: "db.example.com"}') && !/^kind: (Service|StatefulSet)$/m.test(output);
  if (isRight) return;
  process.stdout.write(`${PLATFORM.path} does not leave servers of one's own alone:\n${output}\n`);
  process.exitCode = 1;
}

/** Without admission policies the operator is limited to namespaces by its role, or the chart is refused. */
async function checkPolicies(helm: string): Promise<void> {
  const off = ['--set', 'admissionPolicies.enabled=false'];
  const old = ['--kube-version', '1.29.0'];
  const limited = ['--set', 'watchNamespaces={trading}'];
  const cases: readonly (readonly [values: readonly string[], says: RegExp, policies: number])[] = [
    [[], /^kind: ClusterRoleBinding$/m, 6],
    [limited, /^kind: RoleBinding$/m, 6],
    [off, /set watchNamespaces, or admissionPolicies/, 0],
    [old, /set watchNamespaces, or admissionPolicies/, 0],
    [[...off, ...limited], /^kind: RoleBinding$/m, 0],
    [[...old, ...limited], /^kind: RoleBinding$/m, 0],
  ];
  for (const [values, says, policies] of cases) {
    const { output } = await runProcess([helm, 'template', 'check', OPERATOR.path, ...OPERATOR.values, ...values], {
      cwd: ROOT,
    });
    const rendered = [...output.matchAll(/^kind: ValidatingAdmissionPolicy(?:Binding)?$/gm)].length;
    if (says.test(output) && rendered === 2 * policies) continue;
    process.stdout.write(
      `${OPERATOR.path} with ${values.join(' ')} renders ${rendered} policies and bindings\n${output}\n`,
    );
    process.exitCode = 1;
  }
}

const paths = clusterPaths(readConfig().cacheDirectory);
try {
  const { helm } = await findPrograms(paths, consoleProgress(paths));
  for (const { path, values } of [PLATFORM, OPERATOR]) {
    const lint = await runProcess([helm, 'lint', '--strict', path, ...values], { cwd: ROOT });
    const rendered = await runProcess([helm, 'template', 'check', path, '--namespace', 'trading', ...values], {
      cwd: ROOT,
    });
    process.stdout.write(lint.output);
    if (rendered.code !== 0) process.stdout.write(rendered.output);
    const objects = rendered.output.split('\n').filter((line) => line.startsWith('kind: ')).length;
    process.stdout.write(`${path} renders ${objects} objects\n`);
    const problems = rendered.code === 0 ? chartSecurityProblems(rendered.output) : [];
    for (const problem of problems) process.stdout.write(`${path}: ${problem}\n`);
    if (problems.length > 0 || lint.code !== 0 || rendered.code !== 0 || objects === 0) process.exitCode = 1;
  }
  const stores = ['redis.resources', 'postgres.resources'].flatMap(refusedResources);
  const noHost: Refusal = ['postgres={"enabled":false}', '/postgres/host'];
  await checkRefusals(PLATFORM, [...REFUSED, ...stores, noHost], helm);
  await checkRefusals(OPERATOR, [...REFUSED, ...CONTROLLER, ...refusedResources('resources')], helm);
  await checkPasswordNotes(helm);
  await checkExistingServers(helm);
  await checkPolicies(helm);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
