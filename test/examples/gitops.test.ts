// examples/gitops, played as GitHub and GitLab would: each script of its two pipelines, on a real server and a real repository.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leftRunning } from '../rig/world.ts';
import { transcript, until, type Ended } from './cli.ts';
import { GITHUB_SCRIPTS, githubOf } from './gitops/github.ts';
import { GITLAB_SCRIPTS, gitlabOf } from './gitops/gitlab.ts';
import type { JobRuns, Play } from './gitops/pipeline.ts';
import { EXAMPLE, openWorld, type GitopsWorld } from './gitops/world.ts';

/** A pipeline is a dozen processes; the first apply starts two daemons. */
const PIPELINE_TIMEOUT_MS = 60_000;
const FIRST_LINE = /^<!-- bootstrap-plan: \S+ -->\n/m;

describe.each([
  { ci: 'GitHub Actions', playOf: githubOf, scripts: GITHUB_SCRIPTS },
  { ci: 'GitLab CI', playOf: gitlabOf, scripts: GITLAB_SCRIPTS },
])('a repository on $ci', { timeout: PIPELINE_TIMEOUT_MS }, ({ playOf, scripts }) => {
  let world: GitopsWorld;
  let play: Play;
  const played = new Set<string>();
  beforeAll(async () => {
    world = await openWorld();
    const whole = playOf(world);
    play = async (occasion, { approval, script } = {}) =>
      await whole(occasion, {
        approval: async () => await approval?.(),
        script: (at) => {
          played.add(at.text);
          script?.(at);
        },
      });
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('the first commit on main: a plan, nothing until somebody approves, then a server', async () => {
    const runs = await play(
      { kind: 'merge' },
      { approval: async () => expect(await world.page()).toBeUndefined() },
    );
    expect(resultsOf(runs)).toEqual({ plan: 'success', apply: 'success' });
    expect(runs['plan']?.said).toContain('Plan: 5 to do');
    expect(await world.page()).toBe('Hello! You are visitor 1. (web 1)\n');
    // What GitHub's runner would kill at the end of the job.
    const environments = leftRunning(world.root).map((pid) =>
      readFileSync(`/proc/${pid}/environ`, 'utf8'),
    );
    expect(environments).toHaveLength(2);
    expect(environments.join()).not.toContain('RUNNER_TRACKING_ID');
  });

  test('a pull request: its plan is a comment, which the next push writes over', async () => {
    const marker = markerOf(await world.bootstrap('plan', '--format', 'markdown'));
    world.forge.say('stranger', `${marker}that is what I expect\n`);
    for (let spoken = 0; spoken < 120; spoken += 1) world.forge.say('stranger', `no. ${spoken}`);
    const strangers = [...world.forge.comments()];

    await world.git('switch', '--quiet', '--create', 'greeting');
    const first = await change(world, 'greeting: Hello!', 'greeting: Welcome!');
    const opened = await play({ kind: 'pull', branch: 'greeting' });
    expect(resultsOf(opened)).toEqual({ preview: 'success', comment: 'success' });
    expect(bodies(world)).toEqual([expect.stringMatching(FIRST_LINE)]);
    expect(bodies(world)[0]).toContain('`greeting "Hello!" -> "Welcome!"`');
    expect(bodies(world)[0]).toMatch(new RegExp(`\n\nFor commit ${first}\\.\n$`));

    const second = await change(world, 'greeting: Welcome!', 'greeting: Good morning!');
    const pushed = await play({ kind: 'pull', branch: 'greeting' });
    expect(resultsOf(pushed)).toEqual({ preview: 'success', comment: 'success' });
    expect(bodies(world)).toHaveLength(1);
    expect(bodies(world)[0]).toContain('`greeting "Hello!" -> "Good morning!"`');
    expect(bodies(world)[0]).toContain(`For commit ${second}.`);
    expect(world.forge.comments().filter(({ author }) => author === 'stranger')).toEqual(strangers);
    expect(await world.page()).toBe('Hello! You are visitor 2. (web 1)\n');
  });

  test('a mistake fails the preview where it is, and leaves the comment alone', async () => {
    const before = bodies(world);
    await world.git('switch', '--quiet', '--create', 'mistake', 'main');
    await change(world, 'greeting: Hello!', 'greeting: Hello!\n    colour: red');
    const runs = await play({ kind: 'pull', branch: 'mistake' });
    expect(resultsOf(runs)).toEqual({ preview: 'failure' });
    expect(runs['preview']?.exitCode).toBe(65);
    expect(runs['preview']?.said).toMatch(/desired-state\.yaml[:,](line=)?\d+/);
    expect(bodies(world)).toEqual(before);
  });

  test('a forge that does not list its comments gets no second one', async () => {
    const before = bodies(world);
    const runs = await play(
      { kind: 'pull', branch: 'greeting' },
      { script: ({ cwd }) => world.forge.setDown(existsSync(join(cwd, 'plan.md'))) },
    );
    world.forge.setDown(false);
    expect(resultsOf(runs)).toEqual({ preview: 'success', comment: 'failure' });
    expect(bodies(world)).toEqual(before);
  });

  test('a preview without a marker matches no comment, and is none', async () => {
    const before = bodies(world);
    const runs = await play(
      { kind: 'pull', branch: 'greeting' },
      { script: ({ cwd }) => emptyThere(join(cwd, 'plan.md')) },
    );
    expect(resultsOf(runs)).toEqual({ preview: 'success', comment: 'failure' });
    expect(bodies(world)).toEqual(before);
  });

  test('without its desired state a branch is wrong, whatever the server has', async () => {
    const elsewhere = join(world.root, 'etc/bootstrap/desired-state.yaml');
    await world.git('switch', '--quiet', '--create', 'nothing', 'main');
    writeFileSync(elsewhere, await world.git('show', 'HEAD:desired-state.yaml'));
    await world.git('rm', '--quiet', 'desired-state.yaml');
    await world.git('commit', '--quiet', '--message', 'Nothing');
    const runs = await play({ kind: 'pull', branch: 'nothing' });
    rmSync(elsewhere);
    expect(runs['preview']).toMatchObject({ result: 'failure', exitCode: 65 });
  });

  test('a pull request from a fork reaches neither the server nor a token', async () => {
    const runs = await play({ kind: 'pull', branch: 'greeting', isFork: true });
    expect(resultsOf(runs)).toEqual({});
  });

  test('a merge: the approved plan is carried out; once more there is nothing to do', async () => {
    await world.git('switch', '--quiet', 'main');
    await world.git('merge', '--quiet', '--ff-only', 'greeting');
    const runs = await play(
      { kind: 'merge' },
      {
        approval: async () => expect(await world.page()).toContain('Hello!'),
        script: ({ cwd, text }) => {
          if (text.includes('bootstrap apply'))
            expect(statSync(join(cwd, 'plan.json')).size).toBeGreaterThan(0);
        },
      },
    );
    expect(resultsOf(runs)).toEqual({ plan: 'success', apply: 'success' });
    expect(runs['plan']?.said).toContain('greeting "Hello!" -> "Good morning!"');
    await until('web has read its file', async () =>
      Boolean((await world.page())?.startsWith('Good morning!')),
    );
    const again = await play({ kind: 'again' });
    expect(again['plan']?.said).toContain('No changes.');
    // GitHub asks nobody; GitLab's button is there, and does nothing.
    expect(again['apply']).toMatchObject(
      playOf === githubOf
        ? { result: 'skipped' }
        : { result: 'success', said: expect.stringContaining('No changes.') },
    );
  });

  test('the schedule finds what somebody changed by hand, and changes nothing', async () => {
    const quiet = await play({ kind: 'schedule' });
    expect(resultsOf(quiet)).toEqual({ drift: 'success' });
    const config = join(world.root, 'etc/web.ini');
    const before = readFileSync(config, 'utf8');
    const edited = before.replace('Good morning!', 'Go away!');
    writeFileSync(config, edited);
    const runs = await play({ kind: 'schedule' });
    expect(runs['drift']).toMatchObject({ result: 'failure', exitCode: 2 });
    expect(runs['drift']?.said).toContain('web.greeting  "Good morning!" -> "Go away!"');
    expect(runs['drift']?.said).toMatch(/Drift: ?:?Somebody changed the server/i);
    expect(readFileSync(config, 'utf8')).toBe(edited);
    writeFileSync(config, before);
  });

  test('a server or a file that moved before the approval: exit 5, and nothing is done', async () => {
    await change(world, 'greeting: Good morning!', 'greeting: Good evening!');
    const config = join(world.root, 'etc/web.ini');
    const before = readFileSync(config, 'utf8');
    const edited = before.replace('Good morning!', 'Go away!');
    const moved = await play(
      { kind: 'merge' },
      { approval: async () => writeFileSync(config, edited) },
    );
    expect(moved['apply']).toMatchObject({ result: 'failure', exitCode: 5 });
    expect(moved['apply']?.said).toMatch(/plan again/i);
    expect(readFileSync(config, 'utf8')).toBe(edited);
    writeFileSync(config, before);

    const other = await play(
      { kind: 'again' },
      {
        script: ({ text, cwd }) => {
          if (text.includes('bootstrap apply')) editIn(cwd, 'Good evening!', 'Good night!');
        },
      },
    );
    expect(other['apply']).toMatchObject({ result: 'failure', exitCode: 5 });
    expect(other['apply']?.said).toContain('desired-state.yaml: is changed');
    expect(readFileSync(config, 'utf8')).toBe(before);
  });

  test('what was approved is done, though main has moved on; an old run does not bring back its time', async () => {
    const old = await world.git('rev-parse', 'main~1');
    const runs = await play(
      { kind: 'again' },
      { approval: async () => void (await change(world, 'Good evening!', 'Good night!')) },
    );
    expect(resultsOf(runs)).toEqual({ plan: 'success', apply: 'success' });
    await until('web has read its file', async () =>
      Boolean((await world.page())?.startsWith('Good evening!')),
    );

    const late = await play({ kind: 'late', commit: old });
    if (playOf === gitlabOf) expect(late['plan']?.said).toContain('main has moved on');
    await until('it is not the morning again', async () => {
      const isNewest = Boolean((await world.page())?.startsWith('Good night!'));
      return playOf === githubOf ? isNewest : !isNewest;
    });
    expect(await world.page()).not.toContain('Good morning!');
  });

  test('every script that calls bootstrap was played', () => {
    const calling = scripts.filter((text) =>
      /\bbootstrap (validate|plan|show|apply|drift)/.test(text),
    );
    expect(calling.length).toBeGreaterThan(3);
    expect(calling.filter((text) => !played.has(text))).toEqual([]);
  });
});

test('the README, tried here', { timeout: PIPELINE_TIMEOUT_MS }, async () => {
  const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
  const [, commands = ''] = /^bootstrap validate .*\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  await using world = await openWorld();
  const cwd = join(world.dir, 'repository');
  const text = `bootstrap validate\n${commands}`;
  const ended = await world.runScript({
    shell: ['sh', '-e'],
    text,
    cwd,
    env: {},
    path: world.server,
  });
  expect(ended.exitCode, transcript(ended)).toBe(0);
  expect(ended.stdout).toMatch(FIRST_LINE);
  expect(ended.stdout.match(/^exit \d+$/gm)).toEqual(['exit 5', 'exit 2']);
  expect(ended.stdout).toContain('web.greeting  "Hello!" -> "Go away!"');
  expect(leftRunning(world.root)).toEqual([]);
});

/** How the jobs that were run ended. */
function resultsOf(runs: JobRuns): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(runs)
      .filter(([, { result }]) => result !== 'skipped')
      .map(([name, { result }]) => [name, result]),
  );
}

/** Commits a change of the desired state to the branch that is checked out; its hash. */
async function change(world: GitopsWorld, from: string, to: string): Promise<string> {
  editIn(join(world.dir, 'repository'), from, to);
  await world.git('commit', '--quiet', '--all', '--message', to);
  return await world.git('rev-parse', 'HEAD');
}

function editIn(folder: string, from: string, to: string): void {
  const file = join(folder, 'desired-state.yaml');
  const before = readFileSync(file, 'utf8');
  if (!before.includes(from)) throw new Error(`no ${from} in\n${before}`);
  writeFileSync(file, before.replace(from, to));
}

function emptyThere(file: string): void {
  if (existsSync(file)) writeFileSync(file, '');
}

/** The comments of the pipeline. */
function bodies({ forge }: GitopsWorld): readonly string[] {
  return forge.comments().flatMap(({ author, body }) => (author === 'pipeline' ? [body] : []));
}

function markerOf({ stdout }: Ended): string {
  return FIRST_LINE.exec(stdout)?.[0] ?? '';
}
