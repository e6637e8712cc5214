import type { Net } from '../host/host.ts';
import { ALLOWED_BY_DEFAULT } from '../model/address.ts';
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

/** Visits each address with the message; returns a line for each that was not reached. Never fails a run. */
export async function sendCallbacks(
  net: Net,
  targets: readonly CallbackTarget[],
  { status, message }: CallbackMessage,
): Promise<readonly string[]> {
  const visits = targets.map(async ({ url }): Promise<readonly string[]> => {
    const address = new URL(url);
    address.searchParams.set('status', status);
    address.searchParams.set('message', message);
    const result = await net.visit(address.href, {
      timeoutMs: CALLBACK_TIMEOUT_MS,
      bodyBytesMax: ANSWER_BYTES_MAX,
      allow: ALLOWED_BY_DEFAULT,
      post: undefined,
    });
    if (result.kind !== 'answer') return [`callback to ${address.host}: ${result.why}`];
    const { status: code } = result.value;
    return code >= 200 && code < 300 ? [] : [`callback to ${address.host}: it answered ${code}`];
  });
  return (await Promise.all(visits)).flat();
}
