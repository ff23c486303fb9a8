import { askPod } from './ask-pod.ts';

/** Requests `/statusz` at a URL. Rejects without a valid response. */
export type GetStatusz = (url: string, signal: AbortSignal) => Promise<unknown>;

export const getStatusz: GetStatusz = async (url, signal) => {
  const { status, text } = await askPod(url, { signal });
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return JSON.parse(text);
};
