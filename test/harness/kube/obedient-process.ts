import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { catalogueRow, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';

/** Starts a server on an address of its own that obeys every trading state, as a process of the service does. */
export async function startObedientProcess(
  service: ServiceName,
): Promise<{ readonly ip: string; readonly received: string[] }> {
  const received: string[] = [];
  const take = async (request: IncomingMessage): Promise<object> => {
    const { source, state } = JSON.parse(await text(request)) as { readonly source: string; readonly state: string };
    received.push(`${request.url ?? ''} ${request.headers.authorization ?? ''} ${source} ${state}`);
    return { state, sources: [], persisted: true, openOrders: 0, reason: '' };
  };
  const server = createServer((request, response) => {
    void take(request).then((body) => response.end(JSON.stringify(body)));
  });
  const ip = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.2`;
  server.listen(catalogueRow(service).port, ip);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { ip, received };
}
