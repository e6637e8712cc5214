// Stands in for `bootstrap watch` where systemd is tried: it says what a watch says, and serves what a watch serves, by the same means,
// but looks at nothing. With the file /srv/ends it ends at once with that exit code; on SIGUSR1 it hangs.
import { readFileSync } from 'node:fs';
import { giveSignsOfLife } from '../../src/app/signs-of-life.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import { layoutOf } from '../../src/model/layout.ts';
import { journalStreams } from '../../src/report/journal-levels.ts';
import { healthRoutes } from '../../src/serve/health.ts';
import { hookRoute } from '../../src/serve/hook.ts';
import { startServer } from '../../src/serve/server.ts';

const host = createNodeHost();
const streams = journalStreams(
  {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  },
  { out: host.machine.isJournal('stdout'), err: host.machine.isJournal('stderr') },
);
const end = new AbortController();
let looks = 0;
const look = (): void => {
  looks += 1;
  host.supervisor.notify({ phase: 'ready', status: `look ${looks}` });
};

const code = exitCodeWanted();
if (code !== undefined) {
  streams.err(`error: ends with ${code}\n`, 'error');
  process.exit(code);
}
process.on('SIGTERM', () => {
  host.supervisor.notify({ phase: 'stopping' });
  end.abort();
});
process.on('SIGHUP', () => {
  host.supervisor.notify({ phase: 'reloading' });
  look();
});
process.on('SIGUSR1', () => {
  for (;;);
});
run().then(
  () => process.exit(0),
  (thrown: unknown) => {
    streams.err(`error: ${String(thrown)}\n`, 'error');
    process.exit(1);
  },
);

async function run(): Promise<void> {
  const started = await startServer(
    host,
    { kind: 'port', host: '127.0.0.1', port: 9810 },
    {
      routes: [
        ...healthRoutes({ isAlive: () => true, isReady: () => looks > 0 }),
        hookRoute(host, { keyPath: layoutOf('').hookKey, onHook: look }),
      ],
      report: (problem) => streams.err(`warning: ${problem}\n`, 'warning'),
    },
  );
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  streams.out(`listening on ${started.value.address}\n`);
  look();
  await Promise.all([
    giveSignsOfLife(host, end.signal),
    new Promise((ended) => end.signal.addEventListener('abort', ended)),
  ]);
  await started.value.close();
}

function exitCodeWanted(): number | undefined {
  try {
    return Number(readFileSync('/srv/ends', 'utf8'));
  } catch {
    return undefined;
  }
}
