// What only a real systemd can show: timers, credentials, units that a heartbeat asks for, and what becomes of daemons when a unit ends.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { once, transcript, until } from '../examples/cli.ts';
import { closingSystemd, openSystemd, systemdFor, type Systemd } from '../rig/systemd.ts';

/** A boot, an apply or two, and a trial that runs out. */
const TIMEOUT_MS = 60_000;
const APPLY = 'bootstrap-apply.service';
const WEB = '/run/web.pid';

/** A daemon that its scripts start themselves, and start anew when its config file has changed. */
const SERVER = {
  '/etc/bootstrap/bootstrap.ini': `[product: web]
mode-script   = /etc/bootstrap/mode
reload-script = /etc/bootstrap/start
config-file   = /etc/web.ini
config-format = ini
`,
  '/etc/bootstrap/mode': `#!/bin/sh
[ "$1" = idle ] || [ -e ${WEB} ] || exec /etc/bootstrap/start
`,
  '/etc/bootstrap/start': `#!/bin/sh
[ ! -e ${WEB} ] || kill "$(cat ${WEB})"
sleep 600 & echo $! >${WEB}
mkdir -p /srv/data && { mountpoint -q /srv/data || mount -t tmpfs data /srv/data; }
`,
};
const desired = (settings: string): string => `apiVersion: bootstrap/v1
server: {mode: production}
products:
  web:
    settings: ${settings}
    heartbeat: {process: ${WEB}, interval: 50ms, deadline: 5s}
`;
const DESIRED = '/etc/bootstrap/desired-state.yaml';

describe('where systemd runs', { timeout: TIMEOUT_MS }, () => {
  const opened = once(openSystemd);
  afterAll(async () => await closingSystemd(opened()));
  afterEach(async () => {
    const systemd = await opened();
    if (typeof systemd === 'string') return;
    await systemd.must(
      'sh',
      '-c',
      `[ ! -e ${WEB} ] || kill $(cat ${WEB}) || true; umount /srv/data || true; rm -rf ${WEB} /etc/web.ini /var/bootstrap`,
    );
  });

  test('an apply by its unit has credentials, and what its scripts started and mounted stays', async (context) => {
    const systemd = await systemdFor(context, opened());
    systemd.put({
      ...SERVER,
      [DESIRED]: desired('{port: 1, password: {fromCredential: web-password}}'),
      '/etc/bootstrap/credentials/web-password': 'only for web\n',
      [`/etc/systemd/system/${APPLY}.d/credentials.conf`]: `[Service]
LoadCredential=web-password:/etc/bootstrap/credentials/web-password
`,
    });
    await systemd.must('chmod', '-R', 'go=', '/etc/bootstrap/credentials');
    await systemd.must('systemctl', 'daemon-reload');
    await systemd.must('systemctl', 'start', APPLY);
    expect(systemd.read('/etc/web.ini')).toContain('password = only for web\n');
    expect(await systemd.property(APPLY, 'Result')).toBe('success');
    expect(await systemd.property(APPLY, 'ActiveState')).toBe('inactive');
    expect(await webOf(systemd)).toBe('sleep');
    expect(await systemd.must('mountpoint', '/srv/data')).toContain('is a mountpoint');
    expect(await systemd.must('bootstrap', 'heartbeat')).toContain('pass');
  });

  test('its timer begins an apply, and the next one after that has ended', async (context) => {
    const systemd = await systemdFor(context, opened());
    systemd.put({ ...SERVER, [DESIRED]: desired('{port: 1}') });
    systemd.put({
      '/etc/systemd/system/bootstrap-apply.timer.d/soon.conf': `[Timer]
OnActiveSec=100ms
OnUnitInactiveSec=100ms
RandomizedDelaySec=0
AccuracySec=1ms
`,
    });
    await systemd.must('systemctl', 'daemon-reload');
    await systemd.must('systemctl', 'start', 'bootstrap-apply.timer');
    const applied = async () => {
      const lines = await systemd.must('journalctl', '-u', APPLY, '-o', 'cat', '--quiet');
      return [/^Applied: /m.test(lines), /^No changes\./m.test(lines)];
    };
    await until('it was applied twice', async () => (await applied()).every(Boolean));
    await systemd.must('systemctl', 'stop', 'bootstrap-apply.timer');
    await until('it has ended', async () => {
      return (await systemd.property(APPLY, 'ActiveState')) === 'inactive';
    });
    expect(await webOf(systemd)).toBe('sleep');
  });

  test('a heartbeat asks for a unit', async (context) => {
    const systemd = await systemdFor(context, opened());
    systemd.put({
      '/etc/bootstrap/bootstrap.ini': '[product: web]\nmode-script = /bin/true\n',
      [DESIRED]: `apiVersion: bootstrap/v1
server: {mode: production}
products:
  web: {heartbeat: {systemd: web.service}}
`,
      '/etc/systemd/system/web.service': '[Service]\nExecStart=/bin/sleep 600\n',
    });
    const beat = async () => {
      const { exitCode, stdout } = await systemd.run('bootstrap', 'heartbeat');
      return [exitCode, stdout];
    };
    await systemd.must('systemctl', 'daemon-reload');
    expect(await beat()).toEqual([1, expect.stringContaining('web.service is inactive (dead)')]);
    await systemd.must('systemctl', 'start', 'web.service');
    expect(await beat()).toEqual([0, expect.stringContaining('pass')]);
    await systemd.must('systemctl', 'kill', '--signal=KILL', 'web.service');
    await until('it has failed', async () => (await beat())[0] === 1);
    expect(await beat()).toEqual([1, expect.stringContaining('web.service is failed (failed)')]);
    await systemd.must('rm', '/etc/systemd/system/web.service');
    await systemd.must('systemctl', 'reset-failed', 'web.service');
    await systemd.must('systemctl', 'daemon-reload');
    expect(await beat()).toEqual([1, expect.stringContaining('there is no unit web.service')]);
  });

  test('a trial that nobody confirms is taken back though all of bootstrap was killed', async (context) => {
    const systemd = await systemdFor(context, opened());
    // Of itself, not because the example's units see to it.
    const [settings, aside] = ['/etc/systemd/system/bootstrap-.service.d', '/srv/aside'];
    await systemd.must('mv', settings, aside);
    await systemd.must('systemctl', 'daemon-reload');
    context.onTestFinished(async () => {
      await systemd.must('mv', aside, settings);
    });
    systemd.put({ ...SERVER, [DESIRED]: desired('{port: 1}') });
    const first = await systemd.run('bootstrap', 'apply', '--yes');
    expect(first.exitCode, transcript(first)).toBe(0);
    systemd.put({ [DESIRED]: desired('{port: 2}') });
    const trial = await systemd.run('bootstrap', 'apply', '--yes', '--confirm-within', '2s');
    expect(trial.exitCode, transcript(trial)).toBe(0);
    expect(systemd.read('/etc/web.ini')).toContain('port = 2\n');
    const onTrial = await webOf(systemd, 'pid');
    await systemd.must('pkill', '-KILL', '-f', ' trial-guard ');

    const records = ['/var/bootstrap/trial.json', '/var/bootstrap/trial-returning.json'];
    await until('it was taken back', () => !records.some((path) => systemd.exists(path)));
    expect(systemd.read('/etc/web.ini')).toContain('port = 1\n');
    await until('its unit has ended', async () => {
      const running = '--state=active,activating,deactivating';
      const units = ['list-units', '--plain', '--no-legend', running, 'bootstrap-trial-*'];
      return (await systemd.must('systemctl', ...units)) === '';
    });
    // What the way back started lives on when its unit has ended.
    expect(await webOf(systemd)).toBe('sleep');
    expect(await webOf(systemd, 'pid')).not.toBe(onTrial);
  });
});

/** What the daemon's process is; nothing where it does not run. */
async function webOf(systemd: Systemd, what: 'comm' | 'pid' = 'comm'): Promise<string> {
  const pid = (await systemd.must('cat', WEB)).trim();
  return (await systemd.run('ps', '-o', `${what}=`, '-p', pid)).stdout.trim();
}
