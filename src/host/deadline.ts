import { showDuration } from '../model/duration.ts';
import { startTimer } from './clock.ts';
import type { NetResult } from './network.ts';
import { allowListeners } from './many-listeners.ts';
import { errorCode, errorWords } from './system-error.ts';

// Errors that tell of this machine, and nothing of the one asked: no file handles, memory or ports left, a port that is none, a socket we may not use.
const LOCAL_CODES: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EAI_AGAIN',
  'EAI_MEMORY',
  'ERR_SOCKET_BAD_PORT',
]);

/** The time for one look over the network, all of it: name, connection, answer, body. */
export interface Deadline {
  /** Aborted when the time is up, or the caller's signal is. */
  readonly signal: AbortSignal;
  /** What became of the look that ended with `thrown`. */
  noAnswer(thrown: unknown): Exclude<NetResult<never>, { readonly kind: 'answer' }>;
  /** Stops the clock. */
  end(): void;
}

/** Starts a deadline. Not AbortSignal.timeout: its timer does not keep the process alive, and AbortSignal.any kept every signal ever given to it in early Node 20. */
export function startDeadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = startTimer(timeoutMs, abort);
  allowListeners(outer);
  outer?.addEventListener('abort', abort);
  if (outer?.aborted === true) abort();
  return {
    signal: controller.signal,
    noAnswer(thrown) {
      if (outer?.aborted === true) return { kind: 'error', why: 'cancelled' };
      if (controller.signal.aborted) {
        return { kind: 'refused', why: `no answer within ${showDuration(timeoutMs)}` };
      }
      const isLocal = LOCAL_CODES.has(errorCode(thrown) ?? '');
      return { kind: isLocal ? 'error' : 'refused', why: wordsOf(thrown) };
    },
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

/** Also an error without a code, for who is asked has a say in what node-fetch throws; a TypeError without one is ours. */
function wordsOf(thrown: unknown): string {
  const isForeign = thrown instanceof Error && !(thrown instanceof TypeError);
  const words = isForeign && errorCode(thrown) === undefined ? thrown.message : errorWords(thrown);
  // node-fetch puts the URL into its messages, and a URL may hold what is not to be shown.
  return words.replace(/^.*, reason: /s, '');
}
