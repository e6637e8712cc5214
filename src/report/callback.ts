import type { Net } from '../host/host.ts';
import { durationMs } from '../model/duration.ts';
import type { CallbackTarget } from '../model/state.ts';

/** What is told: the old tool's query parameters. */
export interface CallbackMessage {
  readonly status: 'valid' | 'invalid';
  readonly message: string;
}

// A receiver that hangs delays an apply by no more than this (CONTRACT 8).
const CALLBACK_TIMEOUT_MS = durationMs(5000);
// What a receiver answers is of no use beyond its status.
const ANSWER_BYTES_MAX = 64 * 1024;

/** A query parameter: its name and its value. */
export type QueryParameter = readonly [name: string, value: string];

/** Visits each address with the message; returns a line for each that was not reached. Never fails a run. */
export async function sendCallbacks(
  net: Net,
  targets: readonly CallbackTarget[],
  { status, message }: CallbackMessage,
): Promise<readonly string[]> {
  const query: readonly QueryParameter[] = [
    ['status', status],
    ['message', message],
  ];
  const visits = targets.map(async ({ url }) => await visitWithQuery(net, url, query));
  return (await Promise.all(visits)).flat();
}

/** Visits an address with these query parameters, over those that it has; returns a line where it was not reached. */
export async function visitWithQuery(
  net: Net,
  url: string,
  query: readonly QueryParameter[],
): Promise<readonly string[]> {
  const address = new URL(url);
  for (const [name, value] of query) address.searchParams.set(name, value);
  const result = await net.visit(address.href, {
    timeoutMs: CALLBACK_TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
  });
  if (result.kind !== 'answer') return [`callback to ${address.host}: ${result.why}`];
  const { status: code } = result.value;
  return code >= 200 && code < 300 ? [] : [`callback to ${address.host}: it answered ${code}`];
}
