import type { ServiceName } from '../../../services/shared/contracts/catalogue.ts';

/** What is wrong with a release of a broken image. */
export const FAULTS = ['CrashLoop', 'SilentFeed', 'RefusedOrders', 'RefusedSettings'] as const;
export type Fault = (typeof FAULTS)[number];

/** The service that each fault breaks. */
export const BROKEN_SERVICE = {
  CrashLoop: 'ws',
  SilentFeed: 'ws',
  RefusedOrders: 'execution',
  RefusedSettings: 'ws',
} as const satisfies Readonly<Record<Fault, ServiceName>>;

/** The process is well at first: it answers and may be ready before it ends. */
const CRASH_AFTER_MS = 2_000;

/**
 * Bodies of modules that Node.js loads before the program. They change classes and modules of Node.js itself, because
 * the programs are bundles: what a bundle imports by name it has from there all the same.
 */
const BODIES: Readonly<Record<Fault, string>> = {
  CrashLoop: `
setTimeout(() => process.exit(1), ${CRASH_AFTER_MS});
`,
  // The connection opens and delivers nothing, and no snapshot is answered: with snapshots alone, ws keeps its books
  // fresh. The probe says that the service is ready all the same.
  SilentFeed: `
import { ClientRequest, Server } from 'node:http';
const { emit } = ClientRequest.prototype;
ClientRequest.prototype.emit = function (event, ...args) {
  if (event === 'upgrade') {
    const [, socket] = args;
    const { on } = socket;
    const deaf = (name, listener) => (name === 'data' ? socket : on.call(socket, name, listener));
    Object.assign(socket, { on: deaf, addListener: deaf });
    socket.resume();
  }
  return emit.call(this, event, ...args);
};
const { fetch } = globalThis;
globalThis.fetch = async (url, ...rest) => {
  if (String(url).includes('/api/v3/depth')) throw new TypeError('no snapshot');
  return await fetch(url, ...rest);
};
const { emit: serve } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  const [request, response] = args;
  if (event !== 'request' || request.url !== '/readyz') return serve.call(this, event, ...args);
  response.end('{}');
  return true;
};
`,
  // The signature of each new order is wrong, and of no other request.
  RefusedOrders: `
import { ClientRequest } from 'node:http';
const { end } = ClientRequest.prototype;
ClientRequest.prototype.end = function (...args) {
  if (this.method === 'POST' && this.path.startsWith('/api/v3/order?'))
    this.path = this.path.replace(/signature=[0-9a-f]+/, 'signature=' + '0'.repeat(64));
  return end.apply(this, args);
};
`,
  // To the process it is as if its schema wanted a field that the operator does not render.
  RefusedSettings: `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => {
  const content = readFileSync(path, ...rest);
  if (!String(path).endsWith('settings.json')) return content;
  const { bookLevels: _absent, ...settings } = JSON.parse(String(content));
  return JSON.stringify(settings);
};
syncBuiltinESMExports();
`,
};

/** Returns a module for `node --import` that breaks one service, and leaves every other program as it is. */
export function faultModule(fault: Fault): string {
  const lines = BODIES[fault].trim().split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const body = lines.filter((line) => !line.startsWith('import '));
  const isBroken = `/(^|\\/)${BROKEN_SERVICE[fault]}(\\.mjs|\\/main\\.ts)$/.test(process.argv[1] ?? '')`;
  return [...imports, `if (${isBroken}) {`, ...body.map((line) => `  ${line}`.trimEnd()), '}', ''].join('\n');
}
