import { Counter, Gauge, type Registry } from 'prom-client';
import { boundedLabel } from '../shared/runtime/metrics.ts';
import type { ExchangeEvent } from './core/events.ts';

export interface SimulatorMetrics {
  observe(events: readonly ExchangeEvent[]): void;
  request(endpoint: string, code: number): void;
  frames(count: number): void;
  clients(count: number): void;
  cut(reason: 'slow' | 'idle' | 'listenKey'): void;
  journal(seq: number, sizeBytes: number): void;
}

export function createSimulatorMetrics(registry: Registry): SimulatorMetrics {
  const name = (suffix: string): string => `tradingstack_exchange_simulator_${suffix}`;
  const registers = [registry];
  const events = new Counter({
    name: name('events_total'),
    help: 'Exchange events by kind: orders placed, rejected and cancelled, fills of accounts, public trades.',
    labelNames: ['kind'],
    registers,
  });
  const requests = new Counter({
    name: name('requests_total'),
    help: 'REST requests by endpoint and by the venue’s code; code 0 means success.',
    labelNames: ['endpoint', 'code'],
    registers,
  });
  const frames = new Counter({ name: name('frames_total'), help: 'Frames sent to stream clients.', registers });
  const clients = new Gauge({ name: name('stream_clients'), help: 'Connected stream clients.', registers });
  const cuts = new Counter({
    name: name('stream_cuts_total'),
    help: 'Stream clients disconnected by the venue, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const seq = new Gauge({
    name: name('journal_entries'),
    help: 'Sequence number of the newest journal entry.',
    registers,
  });
  const bytes = new Gauge({ name: name('journal_bytes'), help: 'Size of the journal in bytes.', registers });
  const codeLabel = boundedLabel(40);
  return {
    observe: (list) => {
      for (const { kind } of list) events.inc({ kind });
    },
    request: (endpoint, code) => requests.inc({ endpoint, code: codeLabel(String(code)) }),
    frames: (count) => frames.inc(count),
    clients: (count) => clients.set(count),
    cut: (reason) => cuts.inc({ reason }),
    journal: (newest, sizeBytes) => {
      seq.set(newest);
      bytes.set(sizeBytes);
    },
  };
}
