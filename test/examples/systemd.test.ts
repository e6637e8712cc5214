// The example's units: as systemd's own judges read them, and as a real systemd runs them.
import { build } from 'esbuild';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { closingSystemd, openSystemd, systemdFor, type Systemd } from '../rig/systemd.ts';
import { BOOTSTRAP, once, run, transcript, until } from './cli.ts';

const EXAMPLE = resolve('examples/systemd');
const UNITS = readdirSync(EXAMPLE).filter((name) => /\.(service|timer)$/.test(name));
const WATCH = 'bootstrap-watch.service';
/** A boot, and several starts of a service. */
const SYSTEMD_TIMEOUT_MS = 60_000;

describe('systemd-analyze', () => {
  test('has nothing against the units', async () => {
    const folder = unitsToJudge();
    const paths = UNITS.map((name) => join(folder, name));
    const verified = await run(['systemd-analyze', 'verify', ...paths]);
    expect(transcript(verified)).toBe('exit 0\n');
    writeFileSync(join(folder, 'bootstrap-.service.d/scripts.conf'), '[Service]\nKillMod=none\n');
    expect((await run(['systemd-analyze', 'verify', ...paths])).stderr).toContain('KillMod');
  });

  test('finds them no more exposed than their README says', async () => {
    const folder = unitsToJudge();
    const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
    for (const unit of UNITS.filter((name) => name.endsWith('.service'))) {
      const judged = ['systemd-analyze', 'security', '--offline=true', join(folder, unit)];
      const [, exposure] =
        /exposure level for \S+ ([0-9.]+)/.exec((await run(judged)).stdout) ?? [];
      const [, stated] = new RegExp(`^\\| \`${unit}\` \\| ([0-9.]+) `, 'm').exec(readme) ?? [];
      expect(Number(exposure), unit).toBeLessThanOrEqual(Number(stated));
    }
  });
});

describe('in a real systemd, the watch', { timeout: SYSTEMD_TIMEOUT_MS }, () => {
  const opened = once(openSystemd);
  const program = once(bundleStandIn);
  afterAll(async () => await closingSystemd(opened()));

  /** A systemd in which the watch is not running, with these settings over those of its unit. */
  async function systemdWith(context: TestContext, settings = ''): Promise<Systemd> {
    const systemd = await systemdFor(context, opened());
    systemd.put({
      '/usr/local/lib/watch.cjs': await program(),
      // The unit's own ExecStart has a command that is still to come.
      [`/etc/systemd/system/${WATCH}.d/test.conf`]: `[Service]
ExecStart=
ExecStart=${process.execPath} /usr/local/lib/watch.cjs
RestartSec=100ms
LimitCORE=0
${settings}`,
    });
    await systemd.must('systemctl', 'daemon-reload');
    context.onTestFinished(async () => {
      await systemd.must('rm', '-f', '/srv/ends');
      await systemd.must('systemctl', 'stop', WATCH);
      await systemd.run('systemctl', 'reset-failed', WATCH);
    });
    return systemd;
  }

  test('is started when it says so, and looks at a reload and at a signed hook', async (context) => {
    const systemd = await systemdWith(context);
    const key = 'a key of more than sixteen bytes';
    systemd.put({ '/etc/bootstrap/hook.key': key });
    await systemd.must('chmod', '600', '/etc/bootstrap/hook.key');
    await systemd.must('systemctl', 'start', WATCH);
    expect(await stateOf(systemd)).toEqual(['active', 'running', 'look 1']);

    await systemd.must('systemctl', 'reload', WATCH);
    const looked = ['active', 'running', 'look 2'];
    await until('it looked', async () => String(await stateOf(systemd)) === String(looked));

    const ask = async (path: string, ...words: readonly string[]) =>
      await systemd.must('curl', '-sS', '-w', '%{http_code}', ...words, `127.0.0.1:9810${path}`);
    expect(await ask('/readyz')).toBe('ready\n200');
    expect(await ask('/hook', '--data', '{}')).toBe('not signed\n401');
    expect(await ask('/hook', '--data', '{}', '-H', `X-Gitlab-Token: ${key}`)).toBe('looking\n202');
    await until('it looked', async () => (await stateOf(systemd))[2] === 'look 3');

    await systemd.must('systemctl', 'stop', WATCH);
    expect(await stateOf(systemd)).toEqual(['inactive', 'dead', '']);
    expect(await systemd.property(WATCH, 'Result')).toBe('success');
  });

  test('says it as another user than root too', async (context) => {
    const systemd = await systemdWith(context, 'User=nobody');
    await systemd.must('systemctl', 'start', WATCH);
    expect(await stateOf(systemd)).toEqual(['active', 'running', 'look 1']);
  });

  test('lives on while its event loop turns, and is started again when it hangs', async (context) => {
    const systemd = await systemdWith(context, 'WatchdogSec=2s');
    await systemd.must('systemctl', 'start', WATCH);
    const pid = await systemd.property(WATCH, 'MainPID');
    await until('it lived for twice the time', async () => {
      const elapsed = await systemd.must('ps', '-o', 'etimes=', '-p', pid);
      return Number(elapsed) >= 5;
    });
    await systemd.must('kill', '-USR1', pid);
    await until('it was started again', async () => {
      const [active] = await stateOf(systemd);
      return active === 'active' && (await systemd.property(WATCH, 'NRestarts')) === '1';
    });
    expect(await systemd.property(WATCH, 'MainPID')).not.toBe(pid);
    expect(await linesOf(systemd)).toContain(`Watchdog timeout (limit 2s)!`);
  });

  test.for([64, 65, 77, 78])('is not started again after exit code %i', async (code, context) => {
    const systemd = await systemdWith(context);
    systemd.put({ '/srv/ends': String(code) });
    await systemd.run('systemctl', 'start', WATCH);
    expect((await stateOf(systemd))[0]).toBe('failed');
    expect(await systemd.property(WATCH, 'NRestarts')).toBe('0');
  });

  test.for([1, 70])('is started again after exit code %i, and again', async (code, context) => {
    const systemd = await systemdWith(context);
    systemd.put({ '/srv/ends': String(code) });
    await systemd.run('systemctl', 'start', WATCH);
    await until('it was started again, and again', async () => {
      return Number(await systemd.property(WATCH, 'NRestarts')) >= 2;
    });
  });

  test('has its lines in the journal, each by how much it matters', async (context) => {
    const systemd = await systemdWith(context);
    systemd.put({ '/srv/ends': '64' });
    await systemd.run('systemctl', 'start', WATCH);
    await systemd.must('rm', '/srv/ends');
    await systemd.must('systemctl', 'start', WATCH);
    const said = 'listening on http://127.0.0.1:9810/\n';
    await until('all is in the journal', async () => (await linesOf(systemd)).includes(said));
    expect(await linesOf(systemd, '--priority=err..err')).toContain('error: ends with 64\n');
    expect(await linesOf(systemd, '--priority=info..info')).toContain(said);
    expect(await linesOf(systemd)).not.toMatch(/^<\d>/m);
  });
});

async function stateOf(systemd: Systemd): Promise<readonly string[]> {
  const names = ['ActiveState', 'SubState', 'StatusText'];
  return await Promise.all(names.map(async (name) => await systemd.property(WATCH, name)));
}

async function linesOf(systemd: Systemd, ...choice: readonly string[]): Promise<string> {
  return await systemd.must('journalctl', '--unit', WATCH, '--output=cat', '--quiet', ...choice);
}

async function bundleStandIn(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['test/rig/watch-stand-in.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'error',
    define: { FAILPOINTS: 'false' },
  });
  return outputFiles[0]?.text ?? '';
}

/** The units in a folder of their own, with a program that is there. */
function unitsToJudge(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(EXAMPLE, folder, { recursive: true });
  for (const name of UNITS) {
    const text = readFileSync(join(folder, name), 'utf8');
    writeFileSync(join(folder, name), text.replaceAll('/usr/local/bin/bootstrap', BOOTSTRAP));
  }
  return folder;
}
