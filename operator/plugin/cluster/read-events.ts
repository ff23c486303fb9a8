import { events } from '../../kube/client/builtin-resources.ts';
import { eventViewOf, type EventView } from '../view/event-view.ts';
import type { Part } from '../view/part.ts';
import { attempt } from './attempt.ts';
import type { Cluster } from './cluster.ts';

/** Lists the events of a stack and of its objects, or without a stack of the namespace; the oldest first. */
export async function readEvents(
  { client, namespace }: Cluster,
  stack: string | undefined,
): Promise<Part<readonly EventView[]>> {
  const listed = client.list(events, { namespace }).then(({ items }) =>
    items
      .map(eventViewOf)
      .filter(({ object }) => stack === undefined || concerns(object, stack))
      .sort((a, b) => a.atMs - b.atMs),
  );
  return await attempt({ verb: 'list', what: 'events.events.k8s.io', where: `in namespace ${namespace}` }, listed);
}

/** Names of children begin with the name of their stack. */
function concerns(object: string, stack: string): boolean {
  const name = object.slice(object.indexOf('/') + 1);
  return name === stack || name.startsWith(`${stack}-`);
}
