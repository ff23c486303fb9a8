import { OPERATOR_NAME } from '../../api/v1alpha1/labels.ts';
import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { deployments } from '../../kube/client/builtin-resources.ts';
import { EXIT } from '../call/exit-code.ts';
import { valueOf, type Call, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { attempt } from '../cluster/attempt.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { readStack } from '../cluster/read-stack.ts';
import { documentText } from '../text/document.ts';
import { wrap } from '../text/layout.ts';
import type { Part } from '../view/part.ts';
import { VERSION } from '../version.ts';

export const version: Command = {
  name: 'version',
  summary: 'Show the versions of this program, the operator, the resource definition and the release.',
  description:
    'Shows the version of this program, of the operator, the API versions of TradingStack that the cluster\n' +
    'serves, and the release of the stack. What you may not read is shown as unknown, with the reason.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [
    OUTPUT,
    { name: 'operator-namespace', value: 'NAME', help: 'Namespace of the operator. Default: tradingstack-system.' },
  ],
  examples: ['version -n trading', 'version -n trading -o json'],
  run: async (call, { open, terminal }) => {
    const cluster = open(call.flags);
    const rows = await readVersions(cluster, call);
    const format = valueOf(call, 'output');
    if (format !== undefined) {
      const values = rows.map(([name, part]) => [name, part.known ? part.value : null] as const);
      const missing = rows.flatMap(([, part]) => (part.known ? [] : [part.why]));
      terminal.out(documentText({ ...Object.fromEntries(values), missing }, format));
      return EXIT.ok;
    }
    for (const [name, part] of rows) {
      const text = wrap(part.known ? part.value : `unknown: ${part.why}`, terminal.columns, { indent: 10 });
      terminal.out(`${name.padEnd(10)}${part.known ? text : terminal.style.warn(text)}`);
    }
    return EXIT.ok;
  },
};

type Row = readonly [name: string, part: Part<string>];

async function readVersions(cluster: Cluster, call: Call): Promise<readonly Row[]> {
  const namespace = valueOf(call, 'operator-namespace') ?? 'tradingstack-system';
  const [operator, crd, release] = await Promise.all([
    attempt(
      { verb: 'get', what: `deployment ${OPERATOR_NAME}`, where: `in namespace ${namespace}` },
      operatorVersion(cluster, namespace),
    ),
    attempt(
      { verb: 'get', what: `API group ${TRADING_STACK.group}`, where: 'of the cluster' },
      servedVersions(cluster),
    ),
    attempt(
      { verb: 'read', what: 'the stack', where: `in namespace ${cluster.namespace}` },
      releaseOf(cluster, call.argument),
    ),
  ]);
  const client = { known: true, value: `${VERSION}, for ${TRADING_STACK_API_VERSION}` } as const;
  return [
    ['client', client],
    ['operator', operator],
    ['crd', crd],
    ['release', release],
  ];
}

async function operatorVersion({ client }: Cluster, namespace: string): Promise<string> {
  const { metadata, spec, status = {} } = await client.get(deployments, { namespace, name: OPERATOR_NAME });
  const { 'app.kubernetes.io/version': label = 'unknown version' } = metadata.labels ?? {};
  const { replicas = 1, template } = spec ?? {};
  const images = (template?.spec?.containers ?? []).map(({ image = 'unknown image' }) => image);
  return `${label}, ${status.readyReplicas ?? 0} of ${replicas} pods ready, ${images.join(' ')}`;
}

/** Discovery is open to every user who may log in. */
async function servedVersions({ readRaw }: Cluster): Promise<string> {
  const group = JSON.parse(await readRaw.text(`/apis/${TRADING_STACK.group}`)) as {
    readonly versions?: readonly { readonly groupVersion?: string }[];
  };
  const served = (group.versions ?? []).map(({ groupVersion = '' }) => groupVersion);
  const remark = served.includes(TRADING_STACK_API_VERSION) ? '' : `; this program needs ${TRADING_STACK_API_VERSION}`;
  return `${served.join(', ')}${remark}`;
}

async function releaseOf(cluster: Cluster, name: string | undefined): Promise<string> {
  const { metadata, spec, status } = await readStack(cluster, name);
  const { release } = readStatus(status);
  const wanted = (spec as { readonly release?: { readonly version?: string; readonly image?: string } } | undefined)
    ?.release;
  const hash = release?.current ?? 'none yet';
  const next = release === undefined || release.desired === release.current ? '' : `, ${release.desired} is rolled out`;
  return `${metadata.name}: ${hash}${next}, version ${wanted?.version ?? 'not named'}, ${wanted?.image ?? 'no image'}`;
}
