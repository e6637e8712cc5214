import { showDuration } from '../model/duration.ts';
import type { LookHost, LookRequest } from './look.ts';

// Short of the runner's usual patience with a program that does not mind SIGTERM: the next look waits for it.
const TERM_GRACE_MS = 500;

/** How a program that was asked has ended. `unasked`: it could not be. */
export type CommandEnd =
  | { readonly kind: 'done'; readonly stdout: string }
  | { readonly kind: 'exit'; readonly why: string }
  | { readonly kind: 'ended'; readonly why: string }
  | { readonly kind: 'unasked'; readonly why: string };

/** Runs a program for one look, without a shell, within the look's time limit. What it printed first is part of why it failed: `exit`, or `ended` by a signal or out of time. */
export async function runCommand(
  host: Pick<LookHost, 'runner' | 'clock'>,
  argv: readonly [string, ...string[]],
  { environment, mask, timeoutMs, signal }: LookRequest,
): Promise<CommandEnd> {
  const [ended, killed] = [new AbortController(), new AbortController()];
  const patience = host.clock
    .sleep(timeoutMs + TERM_GRACE_MS, ended.signal)
    .then(() => killed.abort());
  let firstLine = '';
  const { end, stdout } = await host.runner.run({
    argv,
    env: environment,
    mask,
    stdin: undefined,
    timeoutMs,
    terminate: signal,
    kill: killed.signal,
    keepStdout: true,
    onLine(_, line) {
      if (firstLine === '') firstLine = line.trim();
    },
  });
  ended.abort();
  await patience;
  const said = firstLine === '' ? '' : `: ${firstLine}`;
  if (signal.aborted) return { kind: 'unasked', why: 'cancelled' };
  switch (end.how) {
    case 'exit':
      return end.exitCode === 0
        ? { kind: 'done', stdout }
        : { kind: 'exit', why: `exit ${end.exitCode}${said}` };
    case 'signal':
      return { kind: 'ended', why: `ended by ${end.signal}${said}` };
    case 'timeout':
      return { kind: 'ended', why: `no answer within ${showDuration(timeoutMs)}${said}` };
    case 'not-started':
      return { kind: 'unasked', why: end.why };
  }
}
