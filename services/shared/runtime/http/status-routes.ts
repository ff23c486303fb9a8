import type { Registry } from 'prom-client';
import { isDegraded, type Health, type NamedCheck } from '../health.ts';
import { sendJson, type HttpHandler, type Route } from './http-server.ts';

export type Figures = Readonly<Record<string, number | string | null>>;

export interface StatusOptions {
  readonly service: string;
  readonly release: string;
  readonly incarnation: string;
  readonly startedAt: Date;
  readonly health: Health;
  readonly metrics: Registry;
  readonly figures?: (() => Figures) | undefined;
  /** Fields that the service adds to `/statusz`. */
  readonly statusFields?: (() => Readonly<Record<string, unknown>>) | undefined;
}

/**
 * Returns the routes `/livez` (the process answers), `/readyz` (every named check; 503 when one fails), `/health`
 * (short form), `/statusz` (for the operator) and `/metrics`.
 */
export function statusRoutes(options: StatusOptions): readonly Route[] {
  const { service, health, metrics } = options;
  const get = (path: string, handle: HttpHandler): Route => ({ method: 'GET', path, handle });
  return [
    get('/livez', async (_request, response) => {
      sendJson(response, 200, { ok: true });
    }),
    get('/readyz', async (_request, response) => {
      const checks = health.results();
      const ready = isReady(checks);
      sendJson(response, ready ? 200 : 503, { service, ready, checks });
    }),
    get('/health', async (_request, response) => {
      const checks = health.results();
      const troubled = checks.filter((check) => !check.ok || isDegraded(check));
      const why = troubled.map(({ name, reason, message }) => `${name}: ${reason} ${message}`.trim());
      const degraded = why.length === 0 ? 'ok' : 'degraded';
      const ready = isReady(checks);
      sendJson(response, ready ? 200 : 503, { status: ready ? degraded : 'unavailable', why });
    }),
    get('/statusz', async (_request, response) => {
      sendJson(response, 200, statusOf(options));
    }),
    get('/metrics', async (_request, response) => {
      const text = await metrics.metrics();
      response.writeHead(200, { 'content-type': metrics.contentType });
      response.end(text);
    }),
  ];
}

function statusOf(options: StatusOptions): Record<string, unknown> {
  const checks = options.health.results();
  return {
    service: options.service,
    release: options.release,
    incarnation: options.incarnation,
    startedAt: options.startedAt.toISOString(),
    ready: isReady(checks),
    checks,
    figures: options.figures?.() ?? {},
    ...options.statusFields?.(),
  };
}

function isReady(checks: readonly NamedCheck[]): boolean {
  return checks.every((check) => check.ok);
}
