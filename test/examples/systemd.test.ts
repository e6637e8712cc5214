// The example's units: as systemd's own judges read them, and as a real systemd runs them.
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

const DESIRED = `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web: {settings: {port: 1}}
`;
const CONFIG = '/etc/web.ini';

describe('in a real systemd, the watch', { timeout: SYSTEMD_TIMEOUT_MS }, () => {
  const opened = once(openSystemd);
  afterAll(async () => await closingSystemd(opened()));

  /** A systemd in which the watch is not running, with these settings over those of its unit. */
  async function systemdWith(context: TestContext, settings = ''): Promise<Systemd> {
    const systemd = await systemdFor(context, opened());
    systemd.put({
      '/etc/bootstrap/bootstrap.ini': `[product: web]\nconfig-file = ${CONFIG}\nconfig-format = ini\n`,
      '/etc/bootstrap/desired-state.yaml': DESIRED,
      [`/etc/systemd/system/${WATCH}.d/test.conf`]: `[Service]
RestartSec=100ms
LimitCORE=0
${settings}`,
    });
    await systemd.must('systemctl', 'daemon-reload');
    context.onTestFinished(async () => {
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
    await until(
      'it looked',
      async () => String(await stateOf(systemd)) === 'active,running,changed',
    );
    const config = systemd.read(CONFIG);

    // Drift is no event: only a look finds it.
    const mended = async () => {
      await until('it looked', () => systemd.read(CONFIG) === config);
    };
    systemd.put({ [CONFIG]: 'by = hand\n' });
    await systemd.must('systemctl', 'reload', WATCH);
    await mended();
    const ask = async (path: string, ...words: readonly string[]) =>
      await systemd.must('curl', '-sS', '-w', '%{http_code}', ...words, `127.0.0.1:9810${path}`);
    expect(await ask('/readyz')).toBe('ready\n200');
    systemd.put({ [CONFIG]: 'by = hand\n' });
    expect(await ask('/hook', '--data', '{}')).toBe('not signed\n401');
    expect(await ask('/hook', '--data', '{}', '-H', `X-Gitlab-Token: ${key}`)).toBe('looking\n202');
    await mended();

    await systemd.must('systemctl', 'stop', WATCH);
    expect((await stateOf(systemd)).slice(0, 2)).toEqual(['inactive', 'dead']);
    expect(await systemd.property(WATCH, 'Result')).toBe('success');
  });

  test('lives on while its event loop turns, and is started again when it hangs', async (context) => {
    const systemd = await systemdWith(context, 'WatchdogSec=2s\nTimeoutAbortSec=1s');
    await systemd.must('systemctl', 'start', WATCH);
    const pid = await systemd.property(WATCH, 'MainPID');
    await until('it lived for twice the time', async () => {
      const elapsed = await systemd.must('ps', '-o', 'etimes=', '-p', pid);
      return Number(elapsed) >= 5;
    });
    await systemd.must('kill', '-STOP', pid);
    await until('it was started again', async () => {
      const [active] = await stateOf(systemd);
      return active === 'active' && Number(await systemd.property(WATCH, 'NRestarts')) >= 1;
    });
    expect(await systemd.property(WATCH, 'MainPID')).not.toBe(pid);
    expect(await linesOf(systemd)).toContain(`Watchdog timeout (limit 2s)!`);
  });

  test.for([64, 65, 77, 78])('is not started again after exit code %i', async (code, context) => {
    const systemd = await systemdWith(context, endingWith(code));
    await systemd.run('systemctl', 'start', WATCH);
    await until('it has failed', async () => (await stateOf(systemd))[0] === 'failed');
    expect(await systemd.property(WATCH, 'NRestarts')).toBe('0');
  });

  test.for([1, 70])('is started again after exit code %i, and again', async (code, context) => {
    const systemd = await systemdWith(context, endingWith(code));
    await systemd.run('systemctl', 'start', WATCH);
    await until('it was started again, and again', async () => {
      return Number(await systemd.property(WATCH, 'NRestarts')) >= 2;
    });
  });

  test('has its lines in the journal, each by how much it matters', async (context) => {
    const systemd = await systemdWith(context);
    systemd.put({ '/etc/bootstrap/desired-state.yaml': 'products: {web: {vers' });
    await systemd.must('systemctl', 'start', WATCH);
    const said = 'Watching /etc/bootstrap/desired-state.yaml, at least every 5m.';
    await until('all is in the journal', async () =>
      (await linesOf(systemd)).includes('yaml-syntax'),
    );
    expect(await linesOf(systemd, '--priority=err..err')).toContain('error[yaml-syntax]');
    expect(await linesOf(systemd, '--priority=info..info')).toContain(said);
    expect(await linesOf(systemd)).not.toMatch(/^<\d>/m);
  });
});

// A service that ends so before it is ready, whatever its program.
function endingWith(code: number): string {
  return `ExecStart=\nExecStart=/bin/sh -c 'exit ${code}'\n`;
}

async function stateOf(systemd: Systemd): Promise<readonly string[]> {
  const names = ['ActiveState', 'SubState', 'StatusText'];
  return await Promise.all(names.map(async (name) => await systemd.property(WATCH, name)));
}

async function linesOf(systemd: Systemd, ...choice: readonly string[]): Promise<string> {
  return await systemd.must('journalctl', '--unit', WATCH, '--output=cat', '--quiet', ...choice);
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
