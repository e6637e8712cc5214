// Each *.yaml here is a group of scenarios: files, command lines, and what they print, return and leave behind.
// With UPDATE_SCENARIOS=1 what is seen replaces what was expected: read the difference before you believe it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { type Document, isMap, parseDocument, Scalar } from 'yaml';
import { type Ran, runCli } from '../rig/cli.ts';
import { redact } from '../rig/redact.ts';
import { createWorld, type FileTexts, leftRunning, type World } from '../rig/world.ts';

interface Group {
  /** Files that every scenario of the group begins with. */
  readonly given?: FileTexts;
  readonly scenarios: readonly Scenario[];
}

interface Scenario {
  readonly name: string;
  /** Files, over those of the group. */
  readonly given?: FileTexts;
  /** Skipped for other users: it needs a second group. */
  readonly asRoot?: true;
  readonly steps: readonly Step[];
}

/** One command line; what is to be done before it, and what is true after it. Left out: stderr is empty, the rest is not looked at. */
interface Step {
  readonly put?: FileTexts;
  readonly chmod?: Readonly<Record<string, string>>;
  readonly chgrp?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The words after `bootstrap`; a list where a word holds blanks. */
  readonly run: string | readonly string[];
  readonly exit: number;
  /** Redacted; a list names parts that must be in it. */
  readonly stdout?: string | readonly string[];
  readonly stderr?: string | readonly string[];
  /** Redacted texts by path, null where there must be no such file. */
  readonly files?: FileTexts;
}

const FOLDER = 'test/scenarios';
// For a machine on which much else is going on.
const STEP_MS_MAX = 60_000;
const rewrites = process.env['UPDATE_SCENARIOS'] === '1';

for (const name of readdirSync(FOLDER).filter((each) => each.endsWith('.yaml'))) {
  const path = `${FOLDER}/${name}`;
  const document = parseDocument(readFileSync(path, 'utf8'));
  if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join('\n')}`);
  const group = document.toJS() as Group;

  describe.concurrent(name.replace('.yaml', ''), () => {
    for (const [index, scenario] of group.scenarios.entries()) {
      const isSkipped = scenario.asRoot === true && process.getuid?.() !== 0;
      const timeout = scenario.steps.length * STEP_MS_MAX;
      test.skipIf(isSkipped)(scenario.name, { timeout }, async ({ onTestFinished }) => {
        const world = createWorld({ ...group.given, ...scenario.given });
        onTestFinished(() => world.end());
        for (const [nth, step] of scenario.steps.entries()) {
          prepare(world, step);
          const words = typeof step.run === 'string' ? step.run.split(' ') : step.run;
          const seen = observe(world, step, await runCli(world, words, step.env));
          if (rewrites) rewrite(document, ['scenarios', index, 'steps', nth], { step, seen });
          else expect(seen, `step ${nth + 1}: bootstrap ${words.join(' ')}`).toEqual(wanted(step));
          expect(faults(world), `step ${nth + 1}: bootstrap ${words.join(' ')}`).toEqual([]);
        }
      });
    }
    afterAll(() => {
      if (rewrites)
        writeFileSync(
          path,
          document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false }),
        );
    });
  });
}

function prepare(world: World, { put = {}, chmod = {}, chgrp = {} }: Step): void {
  world.put(put);
  world.chgrp(chgrp);
  world.chmod(chmod);
}

type Seen = Required<Pick<Step, 'exit' | 'stdout' | 'stderr' | 'files'>>;

/** What a step is to be seen to do, in the form of `observe`. */
function wanted({ exit, stdout = [], stderr = '', files = {} }: Step): Seen {
  return { exit, stdout, stderr, files };
}

/** What a step did, as far as it says what it is to do: of a list of parts, those that are there, and the whole text where one is missing. */
function observe(world: World, step: Step, ran: Ran): Seen {
  const { stdout, stderr, files } = wanted(step);
  const paths = Object.keys(files);
  const textOf = (path: string): string | null => {
    const text = world.text(path);
    return text === null ? null : redact(text, world.root);
  };
  return {
    exit: ran.exitCode ?? -1,
    stdout: shown(redact(ran.stdout, world.root), stdout),
    stderr: shown(redact(ran.stderr, world.root), stderr),
    files: Object.fromEntries(paths.map((path) => [path, textOf(path)])),
  };
}

function shown(text: string, expected: string | readonly string[]): string | readonly string[] {
  if (typeof expected === 'string') return text;
  const missing = expected.filter((part) => !text.includes(part));
  return missing.length === 0 ? expected : text;
}

/** What no command may ever leave behind, whatever else the scenario says. */
function faults(world: World): readonly string[] {
  const litter = world
    .list()
    .filter((path) => /-\d+\.tmp$|\.draft\/|^run\/bootstrap\/lock\//.test(path));
  // A scenario that starts a daemon says so by its pid file.
  const isDaemonKnown = world.list().some((path) => path.endsWith('.pid'));
  const strays = isDaemonKnown ? [] : leftRunning(world.root).map((pid) => `process ${pid}`);
  return [...litter, ...strays];
}

interface Rewrite {
  readonly step: Step;
  readonly seen: Seen;
}

/** Puts what was seen in place of what was expected; what the step does not look at, and lists of parts, stay. */
function rewrite(
  document: Document,
  path: readonly (string | number)[],
  { step, seen }: Rewrite,
): void {
  document.setIn([...path, 'exit'], seen.exit);
  for (const stream of ['stdout', 'stderr'] as const) {
    const isPart = Array.isArray(step[stream]);
    const isSilence = stream === 'stderr' && step.stderr === undefined && seen.stderr === '';
    if (isPart || isSilence || (stream === 'stdout' && step.stdout === undefined)) continue;
    document.setIn([...path, stream], block(String(seen[stream])));
  }
  for (const [file, text] of Object.entries(seen.files))
    document.setIn([...path, 'files', file], text === null ? null : block(text));
  const isLong = JSON.stringify(seen).includes('\\n');
  const node = document.getIn(path);
  if (isMap(node) && isLong) node.flow = false;
  const files = document.getIn([...path, 'files']);
  if (isMap(files)) files.flow = Object.values(seen.files).every((text) => !text?.includes('\n'));
}

/** Lines of text as a YAML block, a word as it is. */
function block(text: string): Scalar {
  const node = new Scalar(text);
  if (text.includes('\n')) node.type = Scalar.BLOCK_LITERAL;
  return node;
}
