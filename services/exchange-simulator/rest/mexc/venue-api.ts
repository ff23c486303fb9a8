import { sendJson, type HttpHandler } from '../../../shared/runtime/http/http-server.ts';
import { answerCall, type AnswerOptions } from './answer-call.ts';

/** Serves MEXC's REST over HTTP. */
export function createVenueApi(options: AnswerOptions): HttpHandler {
  return async (request, response) => {
    const { method, path, raw, headers } = request;
    const queryString = (raw.url ?? '').split('?')[1] ?? '';
    const header = headers['x-mexc-apikey'];
    const apiKey = Array.isArray(header) ? header[0] : header;
    const answer = answerCall({ method, path, queryString, body: await request.body(), apiKey }, options);
    sendJson(response, answer.status, answer.body);
  };
}
