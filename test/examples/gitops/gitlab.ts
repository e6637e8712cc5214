import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { GITLAB_TOKEN, PULL } from './forge.ts';
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

/** As much of a job as the example has. */
export interface GitlabJob {
  readonly stage: string;
  readonly tags?: readonly string[];
  readonly image?: string;
  readonly needs?: readonly string[];
  readonly rules: readonly Rule[];
  readonly timeout: string;
  readonly environment?: string;
  readonly resource_group?: string;
  readonly interruptible?: boolean;
  readonly allow_failure?: boolean;
  readonly variables?: Texts;
  readonly script: readonly string[];
  readonly artifacts?: {
    readonly paths: readonly string[];
    readonly expire_in: string;
    readonly access: string;
  };
}
interface Rule {
  readonly if: string;
  readonly when?: string;
}

/** The example's file. */
export const GITLAB_TEXT = readFileSync(join(EXAMPLE, '.gitlab-ci.yml'), 'utf8');
const { stages, workflow, variables, ...jobs } = parse(GITLAB_TEXT) as {
  readonly stages: readonly string[];
  readonly workflow: { readonly rules: readonly Rule[] };
  readonly variables: Texts;
};
/** Its parts; whatever is no keyword is a job. */
export const GITLAB = {
  stages,
  workflow,
  variables,
  jobs: jobs as Readonly<Record<string, GitlabJob>>,
};

/** What its jobs run, each script whole. */
export const GITLAB_SCRIPTS = Object.values(GITLAB.jobs).map(({ script }) => script.join('\n'));

const SOURCE = {
  pull: 'merge_request_event',
  merge: 'push',
  again: 'web',
  late: 'push',
  schedule: 'schedule',
} as const satisfies Record<Occasion['kind'], string>;

interface Run {
  readonly world: GitopsWorld;
  readonly given: Texts;
  readonly artifacts: Artifacts;
  readonly interludes: Interludes;
}

/** Plays the pipeline for a world. */
export function gitlabOf(world: GitopsWorld): Play {
  return async (occasion, interludes = {}) => {
    const given = await variablesOf(world, occasion);
    const artifacts = openArtifacts(world);
    const run: Run = { world, given, artifacts, interludes };
    const isWanted = matching(GITLAB.workflow.rules, given) !== undefined;
    const ended: Record<string, JobRun> = {};
    for (const [name, job] of Object.entries(GITLAB.jobs)) {
      const rule = isWanted ? matching(job.rules, given) : undefined;
      const isReady = (job.needs ?? []).every((each) => ended[each]?.result === 'success');
      const isRun = rule !== undefined && isReady;
      if (isRun && rule.when === 'manual') await interludes.approval?.();
      ended[name] = isRun ? await playJob(run, name, job) : SKIPPED;
    }
    return ended satisfies JobRuns;
  };
}

async function variablesOf(world: GitopsWorld, occasion: Occasion): Promise<Texts> {
  const isPull = occasion.kind === 'pull';
  const of = isPull ? occasion.branch : occasion.kind === 'late' ? occasion.commit : 'main';
  const common = {
    CI: 'true',
    CI_API_V4_URL: `${world.forge.url}/api/v4`,
    CI_COMMIT_SHA: await world.git('rev-parse', of),
    CI_DEFAULT_BRANCH: 'main',
    CI_PIPELINE_SOURCE: SOURCE[occasion.kind],
    CI_PROJECT_ID: '1',
    BOOTSTRAP_COMMENT_TOKEN: GITLAB_TOKEN,
  };
  if (!isPull) return { ...common, CI_COMMIT_BRANCH: 'main' };
  const pull = { CI_MERGE_REQUEST_IID: `${PULL}`, CI_MERGE_REQUEST_PROJECT_ID: '1' };
  if (occasion.isFork !== true)
    return { ...common, ...pull, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '1' };
  // A fork's pipeline runs in the fork, with the fork's variables.
  const { BOOTSTRAP_COMMENT_TOKEN: _, ...rest } = common;
  return { ...rest, ...pull, CI_PROJECT_ID: '2', CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '2' };
}

// A variable that is not there is null.
function matching(rules: readonly Rule[], given: Texts): Rule | undefined {
  const value = (name: string): string | null => given[name] ?? null;
  return rules.find((rule) => evaluate(rule.if.replaceAll(/\$(\w+)/g, 'value("$1")'), { value }));
}

async function playJob(run: Run, name: string, job: GitlabJob): Promise<JobRun> {
  const { world, given, artifacts, interludes } = run;
  const isServer = job.tags?.includes('web-1') ?? false;
  const cwd = isServer
    ? await world.checkout(given['CI_COMMIT_SHA'] ?? '')
    : mkdtempSync(join(world.dir, 'hosted-'));
  for (const each of job.needs ?? []) artifacts.load(each, cwd);
  interludes.script?.({ text: job.script.join('\n'), cwd });
  const ended = await world.runScript({
    shell: isServer ? ['bash'] : ['sh'],
    text: gitlabScript(job.script),
    cwd,
    path: isServer ? world.server : world.hosted,
    env: { ...given, ...GITLAB.variables, ...job.variables },
  });
  const said = `${ended.stdout}${ended.stderr}`;
  if (ended.exitCode !== 0) return { result: 'failure', exitCode: ended.exitCode, said };
  for (const path of job.artifacts?.paths ?? []) artifacts.save(name, join(cwd, path));
  return { result: 'success', exitCode: 0, said };
}

/** A job's lines as the runner hands them to bash or sh: all in one eval, whose pipe makes its stdin empty. Source: shells/bash.go of gitlab-runner. */
export function gitlabScript(lines: readonly string[]): string {
  const all = `eval '${lines.join('\n').replaceAll("'", `'\\''`)}'`;
  const isApart = GITLAB.variables['FF_USE_NEW_BASH_EVAL_STRATEGY'] === 'true';
  return `if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit
set +o noclobber
: | ${isApart ? `(${all})` : all}
exit 0
`;
}
