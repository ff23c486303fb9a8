import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { sendJson } from '../../../harness/kube/fake-api-server.ts';
import type { AnsweringPod, StackAnswers } from './stack-answers.ts';

/** Servers at the addresses of pods, one a pod. */
export interface PodListeners {
  /** Opens a server for the pod, or gives it the one of a former pod with the same address. */
  open(pod: AnsweringPod, ip: string): void;
  close(uid: string): void;
  /** Servers that are open. */
  readonly size: number;
  stop(): Promise<void>;
}

interface Listener {
  pod: AnsweringPod;
  readonly address: string;
  readonly server: Server;
}

/** Creates the listeners. `onError` is called when an address cannot be used, or a request cannot be answered. */
export function createPodListeners(answers: StackAnswers, onError: (error: Error) => void): PodListeners {
  const byAddress = new Map<string, Listener>();
  const addressOf = new Map<string, string>();

  function listen(pod: AnsweringPod, ip: string, address: string): Listener {
    const server = createServer((request, response) => {
      void reply(answers, listener.pod, request, response).catch((error: unknown) => {
        response.destroy();
        onError(error instanceof Error ? error : new Error(String(error)));
      });
    });
    // The operator asks every second, and keeps its connection.
    server.keepAliveTimeout = 60_000;
    server.on('error', onError);
    server.listen(catalogueRow(pod.service).port, ip);
    const listener: Listener = { pod, address, server };
    return listener;
  }

  function close(uid: string): void {
    const listener = byAddress.get(addressOf.get(uid) ?? '');
    addressOf.delete(uid);
    if (listener?.pod.uid !== uid) return;
    answers.forget(listener.pod);
    byAddress.delete(listener.address);
    listener.server.close();
    listener.server.closeAllConnections();
  }

  return {
    open: (pod, ip) => {
      const address = `${ip} ${pod.service}`;
      if (addressOf.get(pod.uid) === address) return;
      close(pod.uid);
      addressOf.set(pod.uid, address);
      const former = byAddress.get(address);
      if (former === undefined) byAddress.set(address, listen(pod, ip, address));
      else {
        answers.forget(former.pod);
        former.pod = pod;
      }
    },
    close,
    get size() {
      return byAddress.size;
    },
    stop: async () => {
      const servers = [...byAddress.values()].map(({ server }) => server);
      for (const uid of addressOf.keys()) close(uid);
      await Promise.all(
        servers.filter(({ listening }) => listening).map(async (server) => await once(server, 'close')),
      );
    },
  };
}

async function reply(
  answers: StackAnswers,
  pod: AnsweringPod,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const sent = await text(request);
  const { status, body } = answers.answer(pod, request.url ?? '', sent === '' ? undefined : JSON.parse(sent));
  sendJson(response, body, status);
}
