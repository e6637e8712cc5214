import { undeliveredText } from '../core/render/callback-text.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { SendReport } from '../report/send-due.ts';
import { flushOutbox, type FlushRequest } from './flush.ts';

/** Sends what is due beside whatever else is done. */
export interface Courier {
  /** There may be something to send. */
  wake(): void;
  /** Ends it, after so long at most, and says what was not delivered, a line each. Rejects where sending met a bug. */
  finish(waitMs: number): Promise<readonly string[]>;
}

/** How a courier goes about it. */
export interface CourierRequest extends Omit<FlushRequest, 'signal'> {
  /** It wakes by itself whenever something is due. */
  readonly wakesItself: boolean;
  /** Takes what is worth a word: once for as long as a receiver fails in the same way. */
  readonly warn: (message: string) => void;
  /** Called when sending met a bug. */
  readonly onBug: (thrown: unknown) => void;
}

// Whoever failed just now is not asked at once for what else waits for it.
const PAUSE_MS = 5000;

/** Starts a courier; it sleeps until it is woken. */
export function startCourier(host: Host, request: CourierRequest): Courier {
  const over = new AbortController();
  const note = troubleNotes(request.warn);
  let troubles: readonly string[] = [];
  let nap = new AbortController();
  let rounds = Promise.resolve();
  const round = async (): Promise<void> => {
    if (over.signal.aborted) return;
    const flushed = await flushOutbox(host, { ...request, signal: over.signal });
    troubles = note(flushed.ok ? flushed.value : { sent: [], failures: [flushed.error] });
    const waitMs = flushed.ok ? flushed.value.waitMs : PAUSE_MS;
    if (request.wakesItself && waitMs !== undefined) sleepFor(Math.max(PAUSE_MS, waitMs));
  };
  const sleepFor = (ms: number): void => {
    nap.abort();
    nap = new AbortController();
    const { signal } = nap;
    // Not waited for: `finish` ends it.
    host.clock.sleep(ms, signal).then(() => signal.aborted || wake(), request.onBug);
  };
  const wake = (): void => {
    nap.abort();
    rounds = rounds.then(round);
    // Told at once; whoever waits for the end is told as well.
    rounds.catch(request.onBug);
  };
  return {
    wake,
    async finish(waitMs) {
      const ended = new AbortController();
      const limit = host.clock.sleep(waitMs, ended.signal).then(() => over.abort());
      await rounds.finally(() => ended.abort());
      await limit;
      nap.abort();
      return troubles;
    },
  };
}

/** Takes what came of sending, warns of what is new in it, and returns all that is wrong now, a line a receiver. */
function troubleNotes(
  warn: (message: string) => void,
): (report: Pick<SendReport, 'sent' | 'failures'>) => readonly string[] {
  const known = new Map<string, Trouble>();
  const learn = (about: string, trouble: Trouble): void => {
    if (known.get(about)?.what !== trouble.what) warn(trouble.line);
    known.set(about, trouble);
  };
  return ({ sent, failures }) => {
    for (const { fate, delivery } of sent) {
      const line = undeliveredText(fate, delivery);
      const about = delivery.receiver.url;
      if (line === undefined) known.delete(about);
      else learn(about, { what: delivery.last?.said ?? '', line });
    }
    const [failure] = failures.filter(isWorthAWord);
    if (failure === undefined) known.delete('');
    else {
      const line = `callbacks: ${renderFailureLine(failure)}`;
      learn('', { what: line, line });
    }
    return [...known.values()].map(({ line }) => line);
  };
}

interface Trouble {
  /** The same once more is no news. */
  readonly what: string;
  readonly line: string;
}

// Another process sends, or we were told to end.
function isWorthAWord({ code }: Failure): boolean {
  return code !== 'locked' && code !== 'interrupted';
}
