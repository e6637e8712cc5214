import type { Verdict } from '../../model/event.ts';
import type { RunAccount, StepAccount } from '../run-account.ts';
import { exitWords, outcomeWords, scriptWords, stepWords } from './account-words.ts';
import { markup, markupLines, type Markup } from './markup.ts';
import type { ReportOptions } from './report-html.ts';

/**
 * A run as JUnit XML: a test case an action and one a product's heartbeats, the way back in a suite of its own; the last test case is the
 * run itself, so that none that went wrong looks well. Source: the schema of Apache Ant's JUnit task, which Jenkins and GitLab read too.
 */
export function renderReportJunit(account: RunAccount, { host }: ReportOptions): string {
  const { steps, back } = account;
  const suites: readonly Suite[] = [
    { name: 'steps', cases: steps.map(stepCase) },
    ...(back === undefined ? [] : [{ name: 'way-back', cases: back.steps.map(stepCase) }]),
    { name: 'run', cases: [runCase(account)] },
  ];
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${suites.map((each, id) => suiteXml(each, { id, host, account }))}</testsuites>
`.markup;
}

type Result = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  readonly name: string;
  readonly result: Result;
  readonly durationMs: number;
  /** What is said of a result other than `passed`. */
  readonly type: string;
  readonly message: string;
  readonly detail: readonly string[];
  /** What was run. */
  readonly output: readonly string[];
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

const RESULT: { readonly [V in Verdict]: Result } = {
  succeeded: 'passed',
  failed: 'failure',
  unknown: 'error',
  rolledBack: 'skipped',
  skipped: 'skipped',
  notStarted: 'skipped',
};

function stepCase(step: StepAccount): Case {
  const [words] = stepWords(step);
  const [failure] = step.failures;
  return {
    name: step.id,
    result: RESULT[step.verdict],
    durationMs: step.span?.durationMs ?? 0,
    type: failure?.code ?? words,
    message: failure?.summary ?? words,
    detail: step.failures.flatMap(({ summary, detail }) => [summary, ...detail]),
    output: step.scripts.map((script) => `${step.id} | ${scriptWords(script)}`),
  };
}

function runCase({ command, durationMs, end, failures }: RunAccount): Case {
  const isWell = end?.outcome === 'changed' || end?.outcome === 'in-sync';
  return {
    name: command,
    result: isWell ? 'passed' : end === undefined ? 'error' : 'failure',
    durationMs,
    type: end?.outcome ?? 'not-ended',
    message: outcomeWords(end)[0],
    detail: [exitWords(end), ...failures.flatMap(({ summary, detail }) => [summary, ...detail])],
    output: [],
  };
}

interface SuiteFrame extends ReportOptions {
  readonly id: number;
  readonly account: RunAccount;
}

// The schema wants a time without its zone.
const SECONDS_END = '2026-11-22T14:22:00'.length;

function suiteXml({ name, cases }: Suite, { id, host, account }: SuiteFrame): Markup {
  const count = (result: Result): number => cases.filter((each) => each.result === result).length;
  const durationMs = cases.reduce((sum, each) => sum + each.durationMs, 0);
  const { runId, revision, startedAt } = account;
  return markup`<testsuite id="${id}" name="${name}" package="bootstrap" hostname="${host}" timestamp="${startedAt.slice(0, SECONDS_END)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(durationMs)}">
<properties><property name="run" value="${runId}"/><property name="revision" value="${revision}"/></properties>
${cases.map((each) => caseXml(each, name))}<system-out>${markupLines(cases.flatMap(({ output }) => output))}</system-out>
<system-err/>
</testsuite>
`;
}

function caseXml(test: Case, suite: string): Markup {
  const said = resultXml(test);
  return markup`<testcase classname="bootstrap.${suite}" name="${test.name}" time="${seconds(test.durationMs)}">${said}</testcase>
`;
}

function resultXml({ result, type, message, detail }: Case): Markup | undefined {
  switch (result) {
    case 'passed':
      return undefined;
    case 'skipped':
      return markup`<skipped message="${message}"/>`;
    case 'failure':
      return markup`<failure type="${type}" message="${message}">${markupLines(detail)}</failure>`;
    case 'error':
      return markup`<error type="${type}" message="${message}">${markupLines(detail)}</error>`;
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
