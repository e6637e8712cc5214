import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../host/until.ts';

/** A datagram socket as systemd's, which Node cannot make. */
export interface NotifySocket extends AsyncDisposable {
  readonly path: string;
  /** What was said so far: a message's assignments by their names, `at` being CLOCK_MONOTONIC in microseconds when it was read. */
  readonly heard: () => readonly Readonly<Record<string, string>>[];
  /** Reads no more, until it goes on. */
  readonly stop: () => void;
  readonly goOn: () => void;
}

const LISTENER = `
use IO::Socket::UNIX; use Socket; use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$ARGV[0]: $!";
$| = 1; print "\\n";
while (defined $socket->recv(my $message, 65536)) {
  $message =~ tr/\\n/\\x1f/;
  printf "at=%d\\x1f%s\\n", clock_gettime(CLOCK_MONOTONIC) * 1e6, $message;
}`;

/** Opens one in a folder of its own, or at `path`. */
export async function openNotifySocket(path?: string): Promise<NotifySocket> {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-notify-'));
  const at = path ?? join(folder, 'notify');
  const listener = spawn('perl', ['-e', LISTENER, at], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  listener.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said !== '');
  return {
    path: at,
    heard: () =>
      said
        .split('\n')
        .slice(1, -1)
        // The barrier is no state: it asks whether those before it were read (sd_notify_barrier(3)).
        .filter((line) => !line.includes('\x1fBARRIER=1'))
        .map((line) => Object.fromEntries(line.split('\x1f').map(assignment))),
    stop: () => listener.kill('SIGSTOP'),
    goOn: () => listener.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      const ended = once(listener, 'exit');
      listener.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

function assignment(text: string): [string, string] {
  const equals = text.indexOf('=');
  return [text.slice(0, equals), text.slice(equals + 1)];
}
