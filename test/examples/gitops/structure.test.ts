// What the two pipelines of examples/gitops promise by how they are written.
import { describe, expect, test } from 'vitest';
import { GITHUB_SCRIPTS, WORKFLOW, WORKFLOW_TEXT } from './github.ts';
import { GITLAB, GITLAB_SCRIPTS, GITLAB_TEXT } from './gitlab.ts';

const JOBS = ['preview', 'comment', 'plan', 'apply', 'drift'];
// Keywords as GitHub's "Workflow syntax" and GitLab's "CI/CD YAML syntax reference" have them.
const WORKFLOW_KEYS = words('name on permissions env defaults concurrency jobs');
const JOB_KEYS = words(
  'if needs runs-on timeout-minutes permissions outputs environment concurrency steps',
);
const STEP_KEYS = words('id name uses with env run');
const GITLAB_JOB_KEYS = words(
  `stage tags image needs rules timeout environment resource_group interruptible allow_failure variables
   before_script script artifacts`,
);

describe('the GitHub workflow', () => {
  const jobs = Object.entries(WORKFLOW.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  test('has known keywords, these jobs, and needs only jobs before', () => {
    expect(strange([WORKFLOW], WORKFLOW_KEYS)).toEqual([]);
    expect(strange(Object.values(WORKFLOW.jobs), JOB_KEYS)).toEqual([]);
    expect(strange(steps, STEP_KEYS)).toEqual([]);
    expect(jobs.map(([name]) => name)).toEqual(JOBS);
    for (const [name, { needs = 'preview' }] of jobs)
      expect(JOBS.indexOf(needs), name).toBeLessThanOrEqual(JOBS.indexOf(name));
    for (const { uses, run } of steps) expect([uses, run]).toContain(undefined);
  });

  test('is started by nothing that hands secrets to strangers', () => {
    expect(Object.keys(WORKFLOW.on)).toEqual(words('pull_request push workflow_dispatch schedule'));
    expect(WORKFLOW_TEXT).not.toContain('secrets.');
  });

  test('gives each job the least it needs, and an end', () => {
    expect(WORKFLOW.permissions).toEqual({});
    for (const [name, job] of jobs) {
      const least = name === 'comment' ? { 'pull-requests': 'write' } : { contents: 'read' };
      expect(job.permissions, name).toEqual(least);
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    }
  });

  test('puts no text of an event into a script, and only these into its environment', () => {
    expect(GITHUB_SCRIPTS.filter((text) => text.includes('${{'))).toEqual([]);
    expect(steps.flatMap(({ env = {} }) => Object.values(env))).toEqual([
      '${{ github.token }}',
      '${{ github.event.pull_request.number }}',
      '${{ github.event.pull_request.head.sha }}',
    ]);
  });

  test('pins actions by commit, each everywhere the same, and keeps no credentials', () => {
    const used = steps.flatMap(({ uses = [] }) => uses);
    expect(used.filter((each) => !/^actions\/[a-z-]+@[0-9a-f]{40}$/.test(each))).toEqual([]);
    expect(new Set(used).size).toBe(new Set(used.map((each) => each.split('@')[0])).size);
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  test('keeps artifacts for a day', () => {
    const uploads = steps.filter(({ uses = '' }) => uses.startsWith('actions/upload-artifact@'));
    expect(uploads.map((step) => step.with)).toEqual([
      expect.objectContaining({ path: 'plan.md', 'retention-days': 1 }),
      expect.objectContaining({ path: 'plan.json', 'retention-days': 1 }),
    ]);
  });

  test('applies one at a time, after approval, and longer than bootstrap itself may take', () => {
    expect(WORKFLOW.jobs['apply']).toMatchObject({
      environment: 'web-1',
      concurrency: { group: 'apply-web-1', 'cancel-in-progress': false },
    });
    expect(WORKFLOW.jobs['apply']?.['timeout-minutes']).toBeGreaterThan(60 + 3 * 5);
  });

  test('runs on the server whatever calls bootstrap, and nothing else', () => {
    const server = jobs.filter(([, job]) => job['runs-on'].includes('web-1'));
    expect(server.map(([name]) => name)).toEqual(words('preview plan apply drift'));
  });
});

describe('the GitLab pipeline', () => {
  const jobs = Object.entries(GITLAB.jobs);

  test('has known keywords, these jobs and stages, and needs only jobs before', () => {
    expect(strange(Object.values(GITLAB.jobs), GITLAB_JOB_KEYS)).toEqual([]);
    expect(jobs.map(([name]) => name)).toEqual(JOBS);
    expect(jobs.map(([, { stage }]) => stage)).toEqual(GITLAB.stages);
    for (const [name, { needs = [] }] of jobs)
      for (const each of needs) expect(JOBS.indexOf(each), name).toBeLessThan(JOBS.indexOf(name));
  });

  test('gives each job an end, and its artifacts a day', () => {
    for (const [name, { timeout, artifacts }] of jobs) {
      expect(timeout, name).toMatch(/^\d+ minutes$/);
      if (artifacts !== undefined)
        expect(artifacts).toMatchObject({ expire_in: '1 day', access: 'developer' });
    }
    expect(Number.parseInt(GITLAB.jobs['apply']?.timeout ?? '', 10)).toBeGreaterThan(60 + 3 * 5);
  });

  test('puts no text of a stranger into a script', () => {
    const used = new Set(GITLAB_SCRIPTS.flatMap((text) => text.match(/\$\{?CI_\w+/g) ?? []));
    expect([...used].toSorted()).toEqual(
      words('$CI_API_V4_URL $CI_COMMIT_BRANCH $CI_COMMIT_SHA $CI_MERGE_REQUEST_IID $CI_PROJECT_ID'),
    );
    // Only where it is main.
    for (const [name, { script, rules }] of jobs)
      if (script.join().includes('$CI_COMMIT_BRANCH'))
        expect(rules[0]?.if, name).toContain('$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH');
  });

  test('applies one at a time, by hand, and blocks until then', () => {
    const { apply } = GITLAB.jobs;
    expect(apply).toMatchObject({
      environment: 'web-1',
      resource_group: 'apply-web-1',
      allow_failure: false,
    });
    expect(apply?.rules.map((rule) => rule.when)).toEqual(['manual']);
    expect(apply?.interruptible).toBeUndefined();
  });

  test('names its token, and holds none', () => {
    expect(GITLAB_TEXT).toContain('$BOOTSTRAP_COMMENT_TOKEN');
    expect(GITLAB_TEXT).not.toMatch(/glpat-|secret/i);
  });
});

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}

function strange(maps: readonly object[], known: readonly string[]): readonly string[] {
  return maps.flatMap(Object.keys).filter((key) => !known.includes(key));
}
