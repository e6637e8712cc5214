import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PULL } from './forge.ts';
import {
  evaluate,
  SKIPPED,
  type Interludes,
  type JobRun,
  type JobRuns,
  type Occasion,
  type Play,
} from './pipeline.ts';
import { EXAMPLE, openArtifacts, type Artifacts, type GitopsWorld } from './world.ts';

type Texts = Readonly<Record<string, string>>;

/** As much of a workflow as the example has. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Texts;
  readonly env: Texts;
  readonly defaults: { readonly run: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly 'runs-on': string | readonly string[];
  readonly 'timeout-minutes': number;
  readonly permissions: Texts;
  readonly outputs?: Texts;
  readonly environment?: string;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}
interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly env?: Texts;
  readonly run?: string;
}

/** The example's workflow. */
export const WORKFLOW_TEXT = readFileSync(join(EXAMPLE, '.github/workflows/bootstrap.yml'), 'utf8');
export const WORKFLOW = parse(WORKFLOW_TEXT) as Workflow;

/** What its jobs run, each script whole. */
export const GITHUB_SCRIPTS = Object.values(WORKFLOW.jobs).flatMap(({ steps }) =>
  steps.flatMap(({ run = [] }) => run),
);

/** `shell: bash`, and no shell named: see "jobs.<job_id>.steps[*].shell" in GitHub's workflow syntax. */
export const GITHUB_SHELL =
  WORKFLOW.defaults.run.shell === 'bash'
    ? ['bash', '--noprofile', '--norc', '-eo', 'pipefail']
    : ['bash', '-e'];

const REPOSITORY = 'ops/web-1';
const EVENT_NAME = {
  pull: 'pull_request',
  merge: 'push',
  again: 'workflow_dispatch',
  late: 'push',
  schedule: 'schedule',
} as const satisfies Record<Occasion['kind'], string>;

interface Run {
  readonly world: GitopsWorld;
  readonly github: Readonly<Record<string, unknown>> & { readonly sha: string };
  readonly needs: Record<string, { readonly outputs: Texts }>;
  readonly artifacts: Artifacts;
  readonly interludes: Interludes;
}

/** Plays the workflow for a world. */
export function githubOf(world: GitopsWorld): Play {
  return async (occasion, interludes = {}) => {
    const github = await contextOf(world, occasion);
    const artifacts = openArtifacts(world);
    const run: Run = { world, github, needs: {}, artifacts, interludes };
    const ended: Record<string, JobRun> = {};
    for (const [name, job] of Object.entries(WORKFLOW.jobs)) {
      const isReady = job.needs === undefined || ended[job.needs]?.result === 'success';
      const isWanted = isReady && Boolean(valueOf(job.if ?? 'true', { github, needs: run.needs }));
      ended[name] = isWanted ? await playJob(run, name, job) : SKIPPED;
    }
    return ended satisfies JobRuns;
  };
}

async function contextOf(world: GitopsWorld, occasion: Occasion): Promise<Run['github']> {
  const isPull = occasion.kind === 'pull';
  const of = isPull ? occasion.branch : occasion.kind === 'late' ? occasion.commit : 'main';
  const sha = await world.git('rev-parse', of);
  const owner = isPull && occasion.isFork === true ? 'stranger/web-1' : REPOSITORY;
  const pull = { number: PULL, head: { sha, repo: { full_name: owner } } };
  return {
    event_name: EVENT_NAME[occasion.kind],
    ref: isPull ? `refs/pull/${PULL}/merge` : 'refs/heads/main',
    repository: REPOSITORY,
    run_id: 1,
    sha,
    event: isPull ? { pull_request: pull } : {},
  };
}

async function playJob(run: Run, name: string, job: Job): Promise<JobRun> {
  if (job.environment !== undefined) await run.interludes.approval?.();
  const steps: Record<string, { readonly outputs: Texts }> = {};
  let said = '';
  let exitCode: number | null = null;
  const isServer = job['runs-on'].includes('self-hosted');
  const folder = mkdtempSync(join(run.world.dir, 'hosted-'));
  for (const step of job.steps) {
    const cwd = isServer ? join(run.world.dir, 'workspace') : folder;
    const context = { github: { ...run.github, token: tokenOf(job) }, needs: run.needs, steps };
    if (step.run === undefined) {
      await useAction(run, step, { cwd, context });
      continue;
    }
    const ended = await runStep(run, step, { cwd, context, isServer });
    said += ended.said;
    exitCode = ended.exitCode;
    if (exitCode !== 0) return { result: 'failure', exitCode, said };
    if (step.id !== undefined) steps[step.id] = { outputs: ended.outputs };
  }
  run.needs[name] = { outputs: filled(job.outputs ?? {}, { steps }) };
  return { result: 'success', exitCode, said };
}

// The forge reads the permissions out of it.
function tokenOf({ permissions }: Job): string {
  return JSON.stringify(permissions).replaceAll('"', '').replaceAll(':', ': ');
}

type Context = Readonly<Record<string, unknown>>;

async function useAction(
  { world, github, artifacts }: Run,
  { uses = '', with: given = {} }: Step,
  { cwd, context }: { readonly cwd: string; readonly context: Context },
): Promise<void> {
  const { name = '', path = '', ref } = filled(given, context);
  switch (uses.replace(/@.*/, '')) {
    case 'actions/checkout':
      await world.checkout(ref ?? github.sha);
      return;
    case 'actions/upload-artifact':
      return artifacts.save(name, join(cwd, path));
    case 'actions/download-artifact':
      return artifacts.load(name, cwd);
    default:
      throw new Error(`${uses} is not played here`);
  }
}

async function runStep(
  { world, github, interludes }: Run,
  { run: text = '', env = {} }: Step,
  { cwd, context, isServer }: { cwd: string; context: Context; isServer: boolean },
): Promise<Pick<JobRun, 'exitCode' | 'said'> & { readonly outputs: Texts }> {
  interludes.script?.({ text, cwd });
  const [output, summary] = [join(world.dir, 'output'), join(world.dir, 'summary.md')];
  for (const file of [output, summary]) writeFileSync(file, '');
  const ended = await world.runScript({
    shell: GITHUB_SHELL,
    text,
    cwd,
    path: isServer ? world.server : world.hosted,
    env: {
      ...WORKFLOW.env,
      ...filled(env, context),
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: cwd,
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_SHA: github.sha,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      RUNNER_TRACKING_ID: 'github_1',
      ...(isServer ? {} : { GH_STUB_URL: world.forge.url }),
    },
  });
  const lines = readFileSync(output, 'utf8').matchAll(/^(.+?)=(.*)$/gm);
  const outputs = Object.fromEntries([...lines].map(([, key = '', value = '']) => [key, value]));
  const said = `${ended.stdout}${ended.stderr}${readFileSync(summary, 'utf8')}`;
  for (const file of [output, summary]) rmSync(file);
  return { exitCode: ended.exitCode, said, outputs };
}

function filled(texts: Readonly<Record<string, string | boolean>>, context: Context): Texts {
  const fill = (text: string): string =>
    text.replaceAll(/\$\{\{(.+?)\}\}/g, (_, inner: string) => String(valueOf(inner, context)));
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, fill(`${value}`)]));
}

// What is not there reads as '': so on GitHub, where `a.b.c` never fails.
function valueOf(expression: string, context: Context): unknown {
  return evaluate(expression.replaceAll(/(?<=\w)\.(?=\w)/g, '?.'), context) ?? '';
}
