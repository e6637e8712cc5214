// The page of a watch, in a real browser: what it shows, that it stays fresh, and that everybody can read it.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { startBrowser, type Browser } from '../rig/browser.ts';
import { startCli } from '../rig/cli.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

const NASTY = '<b>bold</b> & "quoted"';
const desired = (version: string): string => `apiVersion: bootstrap/v1
server: {mode: production}
products:
  db: {version: "${version}", heartbeat: {file: /up}}
  web: {version: "1", heartbeat: {file: /up}}
`;
const FILES: FileTexts = {
  'etc/bootstrap/bootstrap.ini': `[product: db]
upgrade-script = /etc/bootstrap/upgrade
[product: web]
upgrade-script = /etc/bootstrap/upgrade
`,
  // Waits while there is a file, so that a run under way can be looked at.
  'etc/bootstrap/upgrade': `#!/bin/sh
echo '${NASTY}'
while [ -e "$BOOTSTRAP_ROOT/wait" ]; do sleep 0.1; done
`,
  up: '',
  'desired-state.yaml': desired('1'),
};

interface Watched {
  readonly world: World;
  readonly url: string;
}

async function startWatch(
  context: Pick<TestContext, 'onTestFinished'>,
  { listen = ':0', files = FILES }: { readonly listen?: string; readonly files?: FileTexts } = {},
): Promise<Watched> {
  const world = createWorld(files);
  const watch = startCli(world, ['watch', '--listen', listen, '--interval', '1s']);
  context.onTestFinished(async () => {
    world.put({ wait: null });
    watch.kill('SIGTERM');
    await watch.ended;
    world.end();
  });
  await until(() => watch.stdout().includes('Applied:'), 20_000);
  const [url = ''] = /http:\S+\//.exec(watch.stdout()) ?? [];
  return { world, url };
}

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => await browser.close());

test('shows the server, stays fresh, and can be read by everybody', async (context) => {
  const { world, url } = await startWatch(context);
  const { page, asked, complaints, axe } = await browser.open();
  await page.goto(url);
  await page.getByText('in mode production').waitFor();
  expect(await page.locator('#products [data-name]').count()).toBe(2);
  expect(await page.locator('#product-db').innerText()).toMatch(/db\s+1\s+in sync\s+healthy/);

  world.put({ wait: '', 'desired-state.yaml': desired('2') });
  await page.locator('#run').getByText('db/upgrade').waitFor();
  await page.locator('#run').getByText(NASTY).waitFor();
  expect(await page.locator('#run b').count()).toBe(0);
  for (const [width, theme] of [
    [360, 'light'],
    [800, 'dark'],
    [1600, 'light'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: theme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await axe(), `${width} ${theme}`).toEqual([]);
  }
  world.put({ wait: null });
  await page.locator('#product-db code', { hasText: /^2$/ }).waitFor();
  await page.locator('#runs').getByText('1 succeeded').waitFor();

  await page.getByLabel('Find').fill('we');
  await page.locator('#product-db').waitFor({ state: 'hidden' });
  expect(await page.locator('#product-web').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
  expect([...new Set(asked.map((each) => new URL(each).origin))]).toEqual([new URL(url).origin]);

  await page.locator('#runs a').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^watch on .*changed$/ }).waitFor();
  expect(await axe()).toEqual([]);
  await page.close();
}, 60_000);

test('is readable without its script, and loads nothing else', async (context) => {
  const { url } = await startWatch(context);
  const answer = await fetch(url);
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'sha256-[\w+/]{43}='; connect-src 'self';/,
  );
  const text = await answer.text();
  expect(text).toContain('in mode production');
  expect(text).not.toMatch(/https?:|<link rel="stylesheet|style=|<script>|onclick/);
  const status = await (await fetch(`${url}status.json`)).json();
  expect(status).toMatchObject({ schema: 'bootstrap.status/1', mode: { actual: 'production' } });
  expect((await fetch(`${url}run?id=no-such`)).status).toBe(404);
});

test('tells its events as they come', async (context) => {
  const { url } = await startWatch(context);
  const answer = await fetch(`${url}events`);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('run.finished')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  const events = text.split('\n').flatMap((line) => /^data: (.*)$/.exec(line)?.[1] ?? []);
  for (const event of events)
    expect(JSON.parse(event)).toMatchObject({ schema: 'bootstrap.events/1' });
});

test('who missed something between the page and the connection is told to ask anew', async (context) => {
  const { world, url } = await startWatch(context);
  const editionNow = async (): Promise<string> =>
    /data-edition="(\d+)"/.exec(await (await fetch(url)).text())?.[1] ?? '';
  const firstMessage = async (edition: string): Promise<string> => {
    const reader = (await fetch(`${url}live?edition=${edition}`)).body
      ?.pipeThrough(new TextDecoderStream())
      .getReader();
    const said = (await reader?.read())?.value ?? '';
    await reader?.cancel();
    return said;
  };
  const old = await editionNow();
  world.put({ 'desired-state.yaml': desired('2') });
  let fresh = old;
  while (fresh === old) fresh = await editionNow();
  expect(await firstMessage(old)).toBe('data: {}\n\n');
});

test('many products: a screen of them at first, then all, each kept fresh', async (context) => {
  const names = Array.from({ length: 100 }, (_, index) => `p${String(index).padStart(3, '0')}`);
  const many = (version: string): string =>
    [
      'apiVersion: bootstrap/v1\nserver: {mode: production}\npolicy: {maxChanges: 1000}\nproducts:',
      ...names.map((name) => `  ${name}: {version: "${version}"}\n`),
    ].join('\n');
  const { world, url } = await startWatch(context, {
    files: {
      'etc/bootstrap/bootstrap.ini': names.map((name) => `[product: ${name}]\n`).join(''),
      'desired-state.yaml': many('1'),
    },
  });
  const rowsAt = async (path: string): Promise<number> =>
    (await (await fetch(url + path)).text()).split('data-name=').length - 1;
  expect(await rowsAt('')).toBe(16);
  expect(await rowsAt('?rows=all')).toBe(100);
  const answer = await fetch(`${url}runs`);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await answer.text()).toContain('103 succeeded');

  const { page, axe } = await browser.open({ width: 800 });
  await page.goto(url);
  await page.locator('#product-p099').waitFor({ state: 'attached' });
  expect(await page.locator('#products [data-name]').count()).toBe(100);
  expect(await page.locator('#more').count()).toBe(0);
  world.put({ 'desired-state.yaml': many('2') });
  await page.getByLabel('Find').fill('p099');
  await page.locator('#product-p099 code', { hasText: /^2$/ }).waitFor();
  expect(await page.locator('#product-p000').isVisible()).toBe(false);
  expect(await axe()).toEqual([]);
  await page.goto(`${url}runs`);
  expect(await axe()).toEqual([]);
  await page.close();
}, 60_000);

describe('who may look', () => {
  test('on loopback everybody, but not by the name of another site', async (context) => {
    const { url } = await startWatch(context);
    const port = Number(new URL(url).port);
    const ask = async (name: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET /status.json HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text.slice(0, 'HTTP/1.1 200'.length);
    };
    expect(await ask('localhost:1')).toBe('HTTP/1.1 200');
    expect(await ask('[::1]:1')).toBe('HTTP/1.1 200');
    expect(await ask('evil.example')).toBe('HTTP/1.1 421');
    expect(await ask('localhost.evil.example')).toBe('HTTP/1.1 421');
  });

  test('elsewhere who shows the token; health is for everybody', async (context) => {
    const { world, url } = await startWatch(context, { listen: '0.0.0.0:0' });
    const status = async (path: string, authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization };
      return (await fetch(url + path, { headers })).status;
    };
    expect([await status(''), await status('healthz')]).toEqual([403, 200]);
    const token = '0123456789abcdef0123456789abcdef';
    world.put({ 'etc/bootstrap/page.token': `${token}\n` });
    expect(await status('')).toBe(503); // others may read it
    world.chmod({ 'etc/bootstrap/page.token': '0600' });
    const basic = `Basic ${Buffer.from(`me:${token}`).toString('base64')}`;
    for (const path of ['', 'status.json', 'metrics', 'page.js', 'run'])
      expect([path, await status(path), await status(path, `Bearer x${token}`)]).toEqual([
        path,
        401,
        401,
      ]);
    expect(await status('', `Bearer ${token}`)).toBe(200);
    expect(await status('metrics', basic)).toBe(200);
    const tab = await browser.open();
    await tab.page.setExtraHTTPHeaders({ authorization: basic });
    await tab.page.goto(url.replace('0.0.0.0', '127.0.0.1'));
    await tab.page.locator('#product-web').waitFor();
    await tab.page.close();
  });
});
