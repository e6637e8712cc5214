// The real HAProxy, of which what was wished for does not serve: it is taken back, and serves again.
import { afterAll, describe, expect, test } from 'vitest';
import { once, transcript } from './cli.ts';
import {
  INSTALL_TIMEOUT_MS,
  installed,
  masterPid,
  openFolder,
  page,
  showInfo,
  SOCKET_TIMEOUT_MS,
} from './haproxy-world.ts';
import { closing } from './machine.ts';

const POLL_MS = 20;

describe('HAProxy that serves', () => {
  const world = once(openFolder);
  afterAll(async () => await closing(world()));

  test(
    'is installed by a first apply',
    async () => {
      const { bootstrap, ports } = await world();
      const first = await bootstrap('apply', '--yes');
      expect(first.exitCode, transcript(first)).toBe(0);
      expect(await page(ports.public)).toBe('hello from backend 1\n');
    },
    INSTALL_TIMEOUT_MS,
  );

  test(
    'a file that `haproxy -c` accepts and that serves nobody is taken back',
    { timeout: INSTALL_TIMEOUT_MS },
    async () => {
      const { bootstrap, machine, desired, ports, root } = await world();
      const template = `${root}/etc/bootstrap/haproxy.cfg.tmpl`;
      const [wish, texts] = [machine.read(desired), machine.read(template)];
      const config = machine.read(`${root}/etc/haproxy/haproxy.cfg`);
      machine.edit(desired, (text) =>
        text.replace('maxconn: 2000', 'maxconn: 4000').replace('deadline: 20s', 'deadline: 2s'),
      );
      machine.edit(template, (text) =>
        text
          .replace('default_backend', 'http-request return status 503\n    default_backend')
          .replace('monitor-uri', 'monitor fail if { always_true }\n    monitor-uri'),
      );
      const client = pollPage(ports.public);
      const apply = await bootstrap('apply', '--yes');
      const outageMs = await client.end();
      console.info(`HAProxy did not serve for ${outageMs} ms until it was rolled back`);
      expect(apply.exitCode, transcript(apply)).toBe(3);
      expect(apply.stderr).toContain('haproxy is not healthy');
      expect(apply.stderr).toContain('everything is as it was, and verified');
      expect(outageMs).toBeGreaterThan(0);

      expect(machine.read(`${root}/etc/haproxy/haproxy.cfg`)).toBe(config);
      expect(await page(ports.public)).toBe('hello from backend 1\n');
      expect((await showInfo(await world())).get('Maxconn')).toBe('2000');
      const again = await bootstrap('apply', '--yes');
      expect(again.exitCode, transcript(again)).toBe(6);
      expect((await bootstrap('heartbeat')).exitCode).toBe(0);
      machine.edit(desired, () => wish);
      machine.edit(template, () => texts);
      const good = await bootstrap('apply', '--yes');
      expect(good.exitCode, transcript(good)).toBe(0);
      expect((await bootstrap('status')).stdout).toContain('Ready=True');
    },
  );

  test(
    'an old process that still answers is never taken for the new one',
    async () => {
      const { bootstrap, machine, desired, version, other, root } = await world();
      if (other === undefined) return console.warn(`apt offers haproxy ${version} only`);
      const script = `${root}/etc/bootstrap/upgrade-haproxy`;
      const [wish, text] = [machine.read(desired), machine.read(script)];
      const master = await masterPid(await world());
      machine.edit(script, (was) => was.replace('[ "$mode" = production ] ||', ''));
      machine.edit(desired, (was) =>
        was.replace(version, other).replaceAll('deadline: 20s', 'deadline: 2s'),
      );
      const apply = await bootstrap('apply', '--yes', '--allow-downgrade', 'haproxy');
      expect(apply.exitCode, transcript(apply)).toBe(3);
      expect(apply.stderr).toContain('StaleInstance');
      expect(await installed(machine)).toBe(version);
      expect(await masterPid(await world())).toBe(master);
      machine.edit(script, () => text);
      machine.edit(desired, () => wish);
      const good = await bootstrap('apply', '--yes');
      expect(good.exitCode, transcript(good)).toBe(0);
    },
    INSTALL_TIMEOUT_MS,
  );
});

/** A client that asks every 20 ms; its end says for how many milliseconds nobody was served. */
function pollPage(port: number): { readonly end: () => Promise<number> } {
  const ending = new AbortController();
  const polling = (async (): Promise<number> => {
    let outageMs = 0;
    let since: number | undefined;
    while (!ending.signal.aborted) {
      const isServed = await fetch(`http://127.0.0.1:${port}/`, {
        signal: AbortSignal.timeout(SOCKET_TIMEOUT_MS),
      }).then(
        async (answer) => (await answer.text()).startsWith('hello'),
        () => false,
      );
      const now = performance.now();
      if (!isServed) since ??= now;
      if (isServed && since !== undefined) outageMs += now - since;
      if (isServed) since = undefined;
      await new Promise((passed) => setTimeout(passed, POLL_MS));
    }
    return Math.round(outageMs + (since === undefined ? 0 : performance.now() - since));
  })();
  return {
    end: async () => {
      ending.abort();
      return await polling;
    },
  };
}
