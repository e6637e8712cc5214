// Ill health that lasts, under a watch that looks over and over: one failure is told, and one recovery.
import { expect, test } from 'vitest';
import { startReceiver } from '../../callbacks/receiver.ts';
import { newServer } from '../../callbacks/server.ts';
import { until } from '../../host/until.ts';
import { runCli } from '../../rig/cli.ts';
import { startWatch } from '../../watch/watching.ts';

const LOOKS = process.env['BOOTSTRAP_FAULTS'] === 'full' ? 10_000 : 200;
const LOOKING_MS = LOOKS * 360 + 30_000;

test(
  `${LOOKS} looks at the same ill health give one failure, and one recovery`,
  { timeout: LOOKING_MS + 60_000 },
  async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, {
      mode: 'production',
      callbacks: `[{url: "${receiver.url}"}]`,
    });
    expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(0);
    world.put({ up: null });
    world.put({ 'var/bootstrap/watch.json': null });
    const watch = startWatch(world, context, ['--interval', '1ms']);
    await until(() => watch.runs().length > 0);
    // Asked for, a look does not wait until it is time to try again.
    const hurry = setInterval(() => watch.kill('SIGHUP'), 5);
    await until(() => watch.runs().length >= LOOKS, LOOKING_MS);
    clearInterval(hurry);
    const sick = watch.runs().filter(({ exitCode }) => exitCode === 1).length;
    console.log(`${watch.runs().length} looks, ${sick} of them at ill health: ${receiver.kinds()}`);
    expect(sick).toBeGreaterThan(LOOKS * 0.9);
    expect(receiver.kinds()).toBe('started succeeded failed');
    world.put({ up: '' });
    watch.kill('SIGHUP');
    await until(() => receiver.kinds() === 'started succeeded failed recovered');
    const seen = watch.runs().length;
    watch.kill('SIGHUP');
    await until(() => watch.runs().length > seen);
    expect(receiver.kinds()).toBe('started succeeded failed recovered');
  },
);
