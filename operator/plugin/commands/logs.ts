import { catalogueRow, CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { messageOf } from '../../../services/shared/runtime/errors.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, valueOf, type Call, type Command } from '../call/command.ts';
import { PluginError } from '../call/plugin-error.ts';
import { wholeNumber } from '../call/values.ts';
import { knownOr, required } from '../cluster/attempt.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { listPods } from '../cluster/read-pods.ts';
import { stackName } from '../cluster/read-stack.ts';
import type { Session } from '../session.ts';
import { logLine } from '../text/log-line.ts';
import { podFactsOf, type PodFacts } from '../view/pod-view.ts';

const SERVICES = CATALOGUE.map(({ name }) => name as string);

export const logs: Command = {
  name: 'logs',
  summary: 'Print the logs of a service, or of every service of a stack.',
  description:
    'Prints the newest lines of each pod of a service, or of all. The services are\n' +
    `${SERVICES.join(', ')}.\n` +
    'Lines are laid out for reading; --raw prints them as they are.',
  argument: { kind: 'service', name: 'SERVICE' },
  flags: [
    { name: 'stack', value: 'STACK', help: 'Name of the stack. Default: the one of the namespace.' },
    { name: 'follow', short: 'f', help: 'Go on with new lines, until interrupted.' },
    { name: 'tail', value: 'NUMBER', help: 'The newest so many lines of each pod. Default: 20.' },
    { name: 'previous', short: 'p', help: 'Of the process before the last restart.' },
    { name: 'raw', help: 'Print the JSON of each line, without the name of the pod.' },
  ],
  examples: ['logs -n trading execution', 'logs -n trading risk -f', 'logs -n trading execution --previous --tail 100'],
  run,
};

async function run(call: Call, session: Session): Promise<ExitCode> {
  const { argument: service } = call;
  if (service !== undefined && !SERVICES.includes(service))
    throw new PluginError('NotFound', `"${service}" is not a service; the services are ${SERVICES.join(', ')}`);
  const tail = wholeNumber(call, 'tail', { min: 1, max: 100_000, fallback: 20 });
  const cluster = session.open(call.flags);
  const pods = await podsFor(call, cluster, session);
  const ends = await Promise.allSettled(pods.map(async (pod) => await printLog(pod, tail, { call, cluster, session })));
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  // One pod that has no log yet hides none of the others.
  if (failures.length === pods.length) throw failures[0];
  for (const failure of failures) session.terminal.note(messageOf(failure));
  return failures.length === 0 ? EXIT.ok : EXIT.unavailable;
}

async function podsFor(call: Call, cluster: Cluster, { clock }: Session): Promise<readonly PodFacts[]> {
  const { argument: service } = call;
  const stack = await stackName(cluster, valueOf(call, 'stack'));
  const pods = knownOr(await listPods(cluster, stack))
    .map((pod) => podFactsOf(pod, clock.nowMs()))
    .filter((pod) => service === undefined || pod.service === service);
  if (pods.length > 0) return pods;
  const problem = `stack ${stack} has no pod of ${service ?? 'any service'} in namespace ${cluster.namespace}`;
  throw new PluginError('NotFound', problem);
}

interface Printing {
  readonly call: Call;
  readonly cluster: Cluster;
  readonly session: Session;
}

async function printLog(
  { name, service }: PodFacts,
  tail: number,
  { call, cluster, session }: Printing,
): Promise<void> {
  const { terminal } = session;
  const { namespace } = cluster;
  const query = {
    container: catalogueRow(service as Parameters<typeof catalogueRow>[0]).name,
    tailLines: String(tail),
    ...(isGiven(call, 'follow') ? { follow: 'true' } : {}),
    ...(isGiven(call, 'previous') ? { previous: 'true' } : {}),
  };
  const attempted = { verb: 'get', what: `pods/log of ${name}`, where: `in namespace ${namespace}` };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  const lines = await required(attempted, cluster.readRaw.lines(path, { query }));
  const isRaw = isGiven(call, 'raw');
  const read = async (): Promise<void> => {
    for await (const line of lines) terminal.out(isRaw ? line : logLine(line, service, terminal.style));
  };
  await required(attempted, read());
}
