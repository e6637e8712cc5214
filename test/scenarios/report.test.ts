// One run as a file of its own: what is in it, that nothing in it can do anything, and that programs can read it.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser, type Browser } from '../rig/browser.ts';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const NASTY = `<script>alert(1)</script> & "quoted" 'single' ]]> |\\x1b[31m`;
const desired = (version: string): string => `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  db: {version: "${version}"}
  web: {version: "${version}", dependsOn: [db], settings: {key: {fromFile: /key}}}
`;
const FILES = {
  'etc/bootstrap/bootstrap.ini': `[product: db]
upgrade-script = /etc/bootstrap/upgrade
[product: web]
upgrade-script = /etc/bootstrap/upgrade
config-file = /etc/web.json
config-format = json
`,
  'etc/bootstrap/upgrade': `#!/bin/sh
[ "$2" != 2 ] || [ "$BOOTSTRAP_PRODUCT" != web ] || { printf '%b\\n' '${NASTY.replaceAll("'", `'"'"'`)}' "$(cat "$BOOTSTRAP_ROOT/key")" >&2; exit 5; }
`,
  key: 'hunter2hunter2\n',
  'desired-state.yaml': desired('1'),
  'next.yaml': desired('2'),
};

let world: World;
beforeAll(async () => {
  world = createWorld(FILES);
  world.chmod({ key: '0600' });
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(await runCli(world, ['apply', '--yes', '-f', 'next.yaml'])).toMatchObject({ exitCode: 3 });
});
afterAll(() => world.end());

const report = async (format: string, run = 'last'): Promise<string> => {
  const { exitCode, stdout, stderr } = await runCli(world, ['report', run, '--format', format]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

test.each(['html', 'junit', 'markdown', 'text', 'json'])('%s holds no secret', async (format) => {
  const text = await report(format);
  expect(text).toContain('web/upgrade');
  expect(text).not.toContain('hunter2');
  expect(text).toContain('***');
});

test('the same run gives the same bytes, however it is named', async () => {
  const runId = world.text('var/bootstrap/runs/newest')?.trim() ?? '';
  expect(await report('html', runId)).toBe(await report('html'));
  expect(await report('html', runId.slice(-6))).toBe(await report('html'));
});

test('a run that is none, and one whose journal is damaged', async () => {
  expect(await runCli(world, ['report', 'no-such', '--format', 'html'])).toMatchObject({
    exitCode: 64,
    stdout: '',
    stderr: expect.stringContaining('there is no run "no-such"'),
  });
  world.put({ 'var/bootstrap/runs/20200101T000000Z-000000000000.ndjson': 'nonsense\n' });
  expect(await runCli(world, ['report', '20200101', '--format', 'html'])).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringContaining('line 1 is damaged'),
  });
});

test.for(['html', 'junit', 'markdown', 'text'])(
  '%s says why a heartbeat did not pass',
  async (format, context) => {
    const sick = createWorld({
      'etc/bootstrap/bootstrap.ini': '[product: db]\n',
      'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: production}
policy: {onFailure: stop}
products: {db: {version: "1", heartbeat: {file: /no-such, deadline: 1ms}}}
`,
    });
    context.onTestFinished(() => sick.end());
    expect(await runCli(sick, ['apply', '--yes'])).toMatchObject({ exitCode: 4 });
    const { stdout } = await runCli(sick, ['report', 'last', '--format', format]);
    expect(stdout.split('db is not healthy').length, stdout).toBe(2);
  },
);

describe('junit', () => {
  const query = (xpath: string): string =>
    execFileSync('xmllint', ['--xpath', xpath, join(world.root, 'report.xml')], {
      encoding: 'utf8',
    }).trim();
  beforeAll(async () => {
    writeFileSync(join(world.root, 'report.xml'), await report('junit'));
  });

  test('is what Jenkins and GitLab read', () => {
    const schema = ['--noout', '--schema', 'test/report/junit.xsd'];
    execFileSync('xmllint', [...schema, join(world.root, 'report.xml')], { stdio: 'pipe' });
  });

  test('has a test case an action, with its verdict, and one for the run', () => {
    const cases = (suite: string): string =>
      query(`//testsuite[@name="${suite}"]/testcase/@name`).replaceAll(/\s*name="([^"]*)"/g, '$1 ');
    expect(cases('steps').trim().split(' ')).toEqual(['db/upgrade', 'web/upgrade']);
    expect(cases('run')).toBe('apply ');
    expect(query('count(//testsuite[@name="way-back"]/testcase)')).not.toBe('0');
    expect(query('string(//testcase[@name="db/upgrade"]/skipped/@message)')).toBe('rolled back');
    expect(query('string(//testcase[@name="web/upgrade"]/failure)')).toContain(NASTY);
    expect(query('string(//testcase[@name="apply"]/failure/@type)')).toBe('rolled-back');
    expect(query('string(//testsuite[1]/@failures)')).toBe('1');
  });
});

describe('html', () => {
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(join(world.root, 'report.html'), await report('html'));
    browser = await startBrowser();
  });
  afterAll(async () => await browser.close());

  test.each(['light', 'dark'] as const)(
    'is one file that asks for nothing and can be read by everybody: %s',
    async (theme) => {
      for (const width of [360, 1600]) {
        const { page, asked, complaints, axe } = await browser.open({ theme, width });
        const file = pathToFileURL(join(world.root, 'report.html')).href;
        await page.goto(file);
        expect(asked).toEqual([file]);
        expect(complaints).toEqual([]);
        expect(await page.title()).toMatch(/^apply on .*: rolled back$/);
        expect(await page.locator('body').innerText()).toContain(NASTY);
        expect(await page.locator('script').count()).toBe(0);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        expect(await axe()).toEqual([]);
        await page.close();
      }
    },
  );
});
