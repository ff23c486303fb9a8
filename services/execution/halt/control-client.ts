import {
  tradingStateResponse,
  type TradingStateRequest,
  type TradingStateResponse,
} from '../../shared/contracts/control.ts';
import { statuszSchema, type Statusz } from '../../shared/contracts/statusz.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { HaltConfig } from './config.ts';

/** What the process answered to a command. */
export type Answer =
  | { readonly kind: 'Applied'; readonly now: TradingStateResponse }
  | { readonly kind: 'Refused'; readonly status: number; readonly message: string }
  /** Nothing, or nothing that is an answer: whether the command was applied is unknown. */
  | { readonly kind: 'Silent'; readonly message: string };

/** The process answers within half a second, whatever else is down. */
const ANSWER_MS = 5_000;
const CONFLICT = 409;

/** Sends `POST /control/halt`. Never rejects. */
export async function sendCommand({ url, token }: HaltConfig, command: TradingStateRequest): Promise<Answer> {
  try {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify(command);
    const response = await fetch(`${url}/control/halt`, { method: 'POST', headers, body, signal: deadline() });
    const text = await response.text();
    if (response.ok) return { kind: 'Applied', now: tradingStateResponse.parse(JSON.parse(text)) };
    return { kind: 'Refused', status: response.status, message: refusalIn(response.status, text) };
  } catch (error) {
    return { kind: 'Silent', message: causeOf(error) };
  }
}

/** Returns `/statusz` of the process, or why it cannot be read. Never rejects. */
export async function readStatus({ url }: HaltConfig): Promise<Statusz | string> {
  try {
    const response = await fetch(`${url}/statusz`, { signal: deadline() });
    return statuszSchema.parse(await response.json());
  } catch (error) {
    return causeOf(error);
  }
}

function deadline(): AbortSignal {
  return AbortSignal.timeout(ANSWER_MS);
}

function refusalIn(status: number, text: string): string {
  if (status === CONFLICT) return tradingStateResponse.parse(JSON.parse(text)).reason;
  return text.slice(0, 500);
}

/** `fetch` hides the error of the connection in the cause of its own. */
function causeOf(error: unknown): string {
  return messageOf(error instanceof TypeError && error.cause !== undefined ? error.cause : error);
}
