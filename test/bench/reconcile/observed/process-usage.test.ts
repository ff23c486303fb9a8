import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../harness/until.ts';
import { cpuSecondsOf, followProcess, socketsTo } from './process-usage.ts';

it('adds user and system time, whatever the program is called', () => {
  const fields = ['S', '1', '1', '1', '0', '-1', '0', '0', '0', '0', '0', '250', '50', '9', '9'];
  expect(cpuSecondsOf(`42 (node (a) b) ${fields.join(' ')}`)).toBe(3);
});

it('finds the sockets that are connected to the port', () => {
  const row = (remote: string, state: string, inode: number): string =>
    `   0: 0100007F:D431 ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    row('0100007F:192B', '01', 11),
    row('0100007F:192B', '06', 12),
    row('0100007F:192C', '01', 13),
    row('0100007F:192B', '01', 0),
  ].join('\n');
  expect([...socketsTo(6443, table)]).toEqual(['11']);
});

it('counts each connection of the process to the port once, also after it is closed', async () => {
  const server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const followed = followProcess({ pid: process.pid, port, usageEveryMs: 60_000 });
  onTestFinished(() => {
    followed.stop();
    server.close();
  });
  const [first] = followed.usages;
  expect(first?.rssMiB).toBeGreaterThan(10);
  expect(first?.cpuSeconds).toBeGreaterThan(0);
  for (const count of [1, 2]) {
    const socket = connect(port, '127.0.0.1');
    await until(() => followed.connections() === count, { withinMs: 20_000 });
    socket.destroy();
  }
  expect(followed.connections()).toBe(2);
});

it('ends quietly when the process has ended', () => {
  const none = 2 ** 22 + 1;
  const followed = followProcess({ pid: none, port: 1, usageEveryMs: 60_000 });
  followed.stop();
  expect(followed.usages).toEqual([]);
});
