// What programs read is what schemas/ says, in every form it can take; and what schemas/ says is said of every field.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setUpQuickstart } from '../../examples/quickstart/setup.mjs';
import { eventsOf } from '../../src/core/callback-events.ts';
import { makePlan } from '../../src/core/plan.ts';
import { diagnosticsDocument } from '../../src/core/render/diagnostics-text.ts';
import { eventLine } from '../../src/core/render/event-json.ts';
import { planDocument } from '../../src/core/render/plan-json.ts';
import type { Observation } from '../../src/core/observation.ts';
import { storyEnd, storyOf } from '../../src/core/run-story.ts';
import { statusAfterRun, statusOf } from '../../src/core/status.ts';
import { ACTION_KINDS } from '../../src/model/action.ts';
import { CALLBACK_KINDS } from '../../src/model/callback.ts';
import { OUTCOMES, VERDICTS, type EventBody } from '../../src/model/event.ts';
import { known } from '../../src/model/fact.ts';
import { SCRIPT_KINDS } from '../../src/model/definition.ts';
import { EXIT_CODE, type Failure } from '../../src/model/failure.ts';
import { runIdOf } from '../../src/model/ids.ts';
import { DESIRED_MODES, SERVER_MODES } from '../../src/model/mode.ts';
import { HELD_REASONS, PLAN_INPUT_KINDS } from '../../src/model/plan.ts';
import type { PlanBody } from '../../src/model/plan-document.ts';
import { CONDITION_TYPES } from '../../src/model/status.ts';
import { DIFF_CASES, PLAN_CASES } from '../core/cases.ts';
import { EVENTS, INPUTS, RICH_BODY } from '../core/events.ts';
import { DIAGNOSTIC, FAILURES, HOLDER } from '../core/failures.ts';
import { AT_NIGHT, bodyOf } from '../core/plan-bodies.ts';
import {
  ALL_ALLOWED,
  allowing,
  at as atVersion,
  beat,
  given,
  named,
  selecting,
  type ServerCase,
} from '../core/states.ts';
import { runCli } from '../rig/cli.ts';

type Json = Readonly<Record<string, unknown>>;

const FOLDER = new URL('../../schemas/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.schema.json'));
const SCHEMAS = new Map(FILES.map((file) => [file.replace('.schema.json', ''), readSchema(file)]));
const OURS = ['callback', 'diagnostics', 'events', 'plan', 'status'] as const;

const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  schemas: OURS.map((name) => schemaOf(name)),
});

const NOW = new Date('2026-11-22T14:22:00.123Z');
const RUN_ID = runIdOf(NOW, '1f2e3d4c5b6a');
const frameOf = () => ({ planId: RUN_ID, createdAt: NOW, host: 'web-1', inputs: INPUTS });

describe('schemas', () => {
  test('are all of them looked at', () => {
    expect([...SCHEMAS.keys()].toSorted()).toEqual(['desired-state', ...OURS].toSorted());
  });

  test.each([...SCHEMAS])('%s describes every field', (_, schema) => {
    expect(schema['description']).toMatch(/^[A-Z].{20,}\.$/);
    expect(undescribed(schema)).toEqual([]);
  });

  test.each(OURS)(
    '%s lets nothing unknown into an object of ours, and names its own format',
    (name) => {
      const schema = schemaOf(name);
      expect(
        objectsIn(schema).filter((each) => each['additionalProperties'] === undefined),
      ).toEqual([]);
      expect(JSON.stringify(schema)).toContain(
        `{"description":${JSON.stringify(formatDescription(schema))},"const":"bootstrap.${name}/1"}`,
      );
    },
  );

  test.each<[string, readonly string[], readonly unknown[]]>([
    ['events', ['failure', 'properties', 'code', 'enum'], Object.keys(EXIT_CODE)],
    ['events', ['runFinished', 'properties', 'outcome', 'enum'], OUTCOMES],
    ['events', ['counts', 'required'], VERDICTS],
    ['plan', ['action', 'properties', 'kind', 'enum'], ACTION_KINDS],
    ['plan', ['held', 'properties', 'why', 'enum'], HELD_REASONS],
    [
      'status',
      ['productStatus', 'required'],
      ['sync', 'health', 'reason', 'desired', 'applied', 'actual'],
    ],
  ])('%s lists at %j what the code knows', (name, path, words) => {
    expect(at(schemaOf(name)['$defs'], path)).toEqual([...words]);
  });

  test('callback lists what the code knows', () => {
    const callback = at(schemaOf('callback'), ['properties']);
    const data = at(callback, ['data', 'properties']);
    expect(at(callback, ['type', 'enum'])).toEqual(
      CALLBACK_KINDS.map((kind) => `io.bootstrap.apply.${kind}.v1`),
    );
    expect(at(data, ['outcome', 'enum'])).toEqual([...OUTCOMES, null]);
    expect(at(data, ['products', 'items', 'properties', 'verdict', 'enum'])).toEqual([
      ...VERDICTS,
      null,
    ]);
  });

  test('plan and status list what the code knows', () => {
    const status = at(schemaOf('status'), ['properties']);
    expect(at(schemaOf('plan'), ['properties', 'inputs', 'required'])).toEqual(PLAN_INPUT_KINDS);
    expect(at(status, ['conditions', 'items', 'properties', 'type', 'enum'])).toEqual(
      CONDITION_TYPES,
    );
    expect(at(status, ['mode', 'properties', 'actual', 'enum'])).toEqual([...SERVER_MODES, null]);
    expect(at(status, ['mode', 'properties', 'desired', 'enum'])).toEqual(
      expect.arrayContaining([...DESIRED_MODES, null]),
    );
  });
});

const OLD: ServerCase = {
  products: { db: { version: '2', found: atVersion('1') }, web: { dependsOn: ['db'] } },
};

describe('a plan document', () => {
  const plans: readonly (readonly [string, PlanBody])[] = [
    ['with a bit of everything', RICH_BODY],
    ...[...DIFF_CASES, ...PLAN_CASES].map(([name, server]) => [name, bodyOf(server)] as const),
    [
      'of which all is blocked',
      bodyOf({ products: { haproxy: { found: 'nothing' } } }, allowing({ changesMax: 0 })),
    ],
    ['that waits for its time', bodyOf(OLD, AT_NIGHT)],
    ['of a part', bodyOf(OLD, allowing({}, selecting('--only web --redo web')))],
    [
      'that would remove',
      bodyOf(
        {
          policy: { prune: true },
          products: { web: {} },
          leftovers: {
            nginx: { found: atVersion('1') },
            redis: { found: { ...atVersion('7'), protected: known(true) } },
            store: { scripts: 'upgrade', found: atVersion('3') },
            gone: { scripts: null },
          },
        },
        allowing({}),
      ),
    ],
    [
      'whose scripts must not be run twice',
      {
        ...RICH_BODY,
        actions: RICH_BODY.actions.flatMap((action) =>
          SCRIPT_KINDS.map((script) => ({
            ...action,
            blockedBy: { by: 'interrupted' as const, product: named('web'), script },
          })),
        ),
      },
    ],
    [
      'of which something failed before',
      bodyOf(OLD, allowing({ quarantined: new Set([named('db')]) })),
    ],
    [
      'with files, findings and origins',
      {
        ...RICH_BODY,
        files: [
          { product: 'haproxy', path: '/etc/haproxy.cfg', diff: '--- a\n+++ a\n' },
          { product: 'web', path: '/etc/web.conf', diff: null },
        ],
        findings: [
          { code: 'disk-full', summary: 'no room', detail: ['/'], fix: null },
          { code: 'config-refused', summary: 'refused', detail: [], fix: 'mend it' },
        ],
        origins: { 'haproxy/upgrade': { version: { file: 'a.yaml', line: 3 } } },
      },
    ],
  ];

  test.each(plans)('%s', (_, body) => {
    expect(faults('plan', planDocument(body, frameOf()))).toEqual([]);
  });

  test('with one thing more, or one less, is none, nor with it in a part', () => {
    const document: Json = { ...planDocument(RICH_BODY, frameOf()) };
    expect(misfits(document)).toEqual([]);
    const { summary, actions, verify, held, drift } = RICH_BODY;
    const first = (name: string, [one]: readonly object[]): void =>
      expect(misfits({ ...one }, (part) => ({ ...document, [name]: [part] }))).toEqual([]);
    expect(misfits({ ...summary }, (part) => ({ ...document, summary: part }))).toEqual([]);
    first('actions', actions);
    first('verify', verify);
    first('held', held);
    first('drift', drift);
    first('files', [{ product: 'web', path: '/etc/web.conf', diff: null }]);
    first('findings', [{ code: 'disk-full', summary: 'no room', detail: [], fix: null }]);
  });

  test('says the same, byte for byte, in which order its inputs were found', () => {
    const turned = Object.fromEntries(
      Object.entries(INPUTS).map(([kind, of]) => [
        kind,
        Object.fromEntries(Object.entries(of).toReversed()),
      ]),
    );
    const again = planDocument(RICH_BODY, { ...frameOf(), inputs: { ...INPUTS, ...turned } });
    expect(JSON.stringify(again)).toBe(JSON.stringify(planDocument(RICH_BODY, frameOf())));
  });
});

describe('an event', () => {
  const all = Object.entries(EVENTS).flatMap(([type, bodies]) =>
    bodies.map((body: EventBody) => [type, body] as const),
  );

  test.each(all)('%s', (_, body) => {
    expect(faults('events', lineOf(body))).toEqual([]);
  });

  test('has a branch in the schema for each type, and no branch is left over', () => {
    const branches = Object.values(schemaOf('events')['$defs'] as Readonly<Record<string, Json>>);
    const types = branches.flatMap((branch) => at(branch, ['properties', 'type', 'const']) ?? []);
    expect(new Set(types)).toEqual(new Set(Object.keys(EVENTS)));
    expect(types).toHaveLength(Object.keys(EVENTS).length);
  });

  test.each(all)('%s with one thing more, or one less, is none', (_, body) => {
    const line = lineOf(body);
    expect(faults('events', { ...line, extra: 1 })).not.toEqual([]);
    for (const key of Object.keys(line)) {
      const { [key]: _dropped, ...less } = line;
      expect([key, faults('events', less)]).not.toEqual([key, []]);
    }
  });

  test('of a broken file has its diagnostics', () => {
    const line = lineOf(EVENTS['run.finished'][0]);
    const failures = line['failures'] as readonly Json[];
    const broken = failures.find(({ code }) => code === 'desired-invalid');
    expect(broken?.['diagnostics']).toEqual(diagnosticsDocument([DIAGNOSTIC]).diagnostics);
  });
});

describe('a status', () => {
  const states = given({
    products: { haproxy: { heartbeats: [beat] }, gateway: { found: 'nothing' } },
  });
  const seen: Observation = {
    now: NOW,
    actual: states.actual,
    desired: states.desired,
    invalid: undefined,
    plan: makePlan(states, ALL_ALLOWED),
    beats: [
      {
        product: named('haproxy'),
        heartbeat: beat,
        sample: { verdict: 'fail', reason: 'refused', latencyMs: 1, isGone: false },
      },
    ],
    running: undefined,
    quarantine: {},
    isCopy: false,
    retry: undefined,
    suspension: undefined,
    trial: undefined,
    restarts: {},
    previous: undefined,
  };

  test.each<[string, Observation]>([
    ['of a server', seen],
    ['during a run', { ...seen, running: HOLDER }],
    [
      'without a wish',
      { ...seen, desired: undefined, plan: undefined, invalid: FAILURES['desired-invalid'][0] },
    ],
    ['of a server without a mode', { ...seen, actual: given({ mode: undefined }).actual }],
  ])('%s', (_, observation) => {
    const first = statusOf(observation);
    expect(faults('status', first)).toEqual([]);
    const after = statusAfterRun(
      { ...observation, previous: first },
      { failures: [], partial: false },
    );
    expect(faults('status', after)).toEqual([]);
    expect(faults('status', { ...first, extra: 1 })).not.toEqual([]);
  });
});

describe('a callback', () => {
  const facts = { runId: RUN_ID, command: 'apply', revision: 'r', partial: false };
  const run = { ...facts, startedAt: NOW.toISOString() };
  const teller = { source: `urn:bootstrap:${'0'.repeat(32)}`, host: 'web-1' };
  const failed = { sequence: 7, standing: { key: 'k', revision: 'q', eventId: `${RUN_ID}.2` } };
  const products = [{ name: 'web', verdict: 'succeeded' as const }];

  test.each<[string, readonly Failure[]]>([
    ['of a run that went well, and recovered', []],
    ...Object.values(FAILURES)
      .flat()
      .map((failure): [string, readonly Failure[]] => [failure.code, [failure]]),
  ])('%s', (_, failures) => {
    const end = storyEnd(failures, { at: NOW.toISOString(), changed: true });
    const story = { ...storyOf(run, end), isJournalled: true, products };
    const { events } = eventsOf(failed, story, teller);
    expect(events.length).toBeGreaterThan(1);
    for (const event of events) {
      expect(faults('callback', event)).toEqual([]);
      expect(faults('callback', { ...event, extra: 1 })).not.toEqual([]);
      expect(faults('callback', { ...event, data: { ...event.data, extra: 1 } })).not.toEqual([]);
    }
  });
});

test.each([
  ['nothing wrong', []],
  ['a mistake', [DIAGNOSTIC]],
  [
    'one without a place',
    [{ ...DIAGNOSTIC, span: undefined, sourceLine: undefined, detail: undefined, fix: undefined }],
  ],
])('diagnostics: %s', (_, diagnostics) => {
  const document = diagnosticsDocument(diagnostics);
  expect(faults('diagnostics', document)).toEqual([]);
  expect(faults('diagnostics', { ...document, extra: 1 })).not.toEqual([]);
});

test('the command line prints what the schemas say', { timeout: 60_000 }, async () => {
  const server = await setUpQuickstart(mkdtempSync(join(tmpdir(), 'bootstrap-schemas-')));
  const { root, desiredFile } = server;
  const text = readFileSync(desiredFile, 'utf8');
  const wish = (change: (text: string) => string): void => writeFileSync(desiredFile, change(text));
  onTestFinished(async () => {
    wish((was) => was.replace('mode: production', 'mode: idle'));
    await runCli(server, ['apply', '--yes']);
    rmSync(root, { recursive: true });
  });
  const ask = async (...words: readonly string[]): Promise<readonly Json[]> =>
    documentsIn((await runCli(server, [...words, '--format', 'json'])).stdout);

  expect(await judged('diagnostics', ask('validate'))).toBe(1);
  expect(await judged('plan', ask('plan'))).toBe(1);
  expect(await judged('status', ask('status'))).toBe(1);
  const events = await ask('apply', '--yes');
  expect(await judged('events', Promise.resolve(events))).toBeGreaterThan(20);
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'changed', exitCode: 0 });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(await judged('status', ask('status'))).toBe(1);
  expect(
    faults('status', JSON.parse(readFileSync(join(root, 'var/bootstrap/status.json'), 'utf8'))),
  ).toEqual([]);

  wish((was) => was.replace('version: "1"', 'version: "3"').replace('step: 1', 'step: 2'));
  expect(await judged('plan', ask('plan'))).toBe(1);
  const failed = await ask('apply', '--yes');
  expect(await judged('events', Promise.resolve(failed))).toBeGreaterThan(5);
  expect(failed.map(({ type }) => type)).toContain('action.failed');

  wish((was) => was.replace('version:', 'vrsion:'));
  for (const command of ['validate', 'plan', 'heartbeat'])
    expect(await judged('diagnostics', ask(command))).toBe(1);
  expect(await judged('status', ask('status'))).toBe(1);
  expect(await judged('events', ask('apply', '--yes'))).toBe(2);
});

/** Of what a part of a plan would be with a thing more or less, what the schema lets through. */
function misfits(part: Json, within: (part: Json) => Json = (whole) => whole): readonly string[] {
  const without = (name: string): Json =>
    Object.fromEntries(Object.entries(part).filter(([key]) => key !== name));
  const wrong: readonly (readonly [string, Json])[] = [
    ['extra', { ...part, extra: 1 }],
    ...Object.keys(part).map((name) => [name, without(name)] as const),
  ];
  expect(faults('plan', within(part))).toEqual([]);
  return wrong.flatMap(([name, each]) => (faults('plan', within(each)).length > 0 ? [] : [name]));
}

/** How many documents there are; throws with what is wrong with the first that is not what its schema says. */
async function judged(name: string, documents: Promise<readonly Json[]>): Promise<number> {
  const all = await documents;
  for (const document of all) expect([document, faults(name, document)]).toEqual([document, []]);
  return all.length;
}

/** One document over many lines, or one a line. */
function documentsIn(stdout: string): readonly Json[] {
  const texts = stdout.startsWith('{\n') ? [stdout] : stdout.trimEnd().split('\n');
  return texts.map((text) => JSON.parse(text) as Json);
}

function lineOf(body: EventBody): Json {
  return JSON.parse(eventLine({ ...body, seq: 1, time: NOW, runId: RUN_ID }, frameOf)) as Json;
}

function faults(name: string, document: unknown): readonly string[] {
  const validate = ajv.getSchema(idOf(schemaOf(name)));
  if (validate === undefined) throw new Error(`there is no schema ${name}`);
  // What a program reads is the text: there undefined is not there at all.
  const read: unknown = JSON.parse(JSON.stringify(document));
  return validate(read) === true
    ? []
    : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

function readSchema(file: string): Json {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Json;
}

function schemaOf(name: string): Json {
  const schema = SCHEMAS.get(name);
  if (schema === undefined) throw new Error(`there is no schema ${name}`);
  return schema;
}

function idOf(schema: Json): string {
  return String(schema['$id']);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isMap(inner) ? inner[key] : undefined), value);
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function formatDescription(schema: Json): unknown {
  const places = [
    ['properties'],
    ['properties', 'data', 'properties'],
    ['$defs', 'runStarted', 'properties'],
  ];
  const found = places.map((path) => at(schema, [...path, 'schema', 'description']));
  return found.find((description) => description !== undefined);
}

/** Paths of fields, items and definitions of which neither they nor what they refer to says what they are. */
function undescribed(root: Json): readonly string[] {
  const paths: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (!isMap(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const here = `${path}/${key}`;
      if (key === 'properties' || key === '$defs')
        for (const [name, field] of Object.entries(isMap(inner) ? inner : {}))
          if (!isDescribed(field, root)) paths.push(`${here}/${name}`);
      const isOne = key === 'items' || key === 'additionalProperties' || key === 'propertyNames';
      if (isOne && isMap(inner) && !isDescribed(inner, root)) paths.push(here);
      if (Array.isArray(inner)) inner.forEach((each, index) => look(each, `${here}/${index}`));
      look(inner, here);
    }
  };
  look(root, '');
  return paths;
}

function isDescribed(field: unknown, root: Json): boolean {
  if (!isMap(field)) return false;
  const { description, $ref: target } = field;
  if (typeof description === 'string') return description.trim() !== '';
  return typeof target === 'string' && isDescribed(resolve(target, root), root);
}

function resolve(target: string, root: Json): unknown {
  const [file = '', pointer = ''] = target.split('#');
  const schema = file === '' ? root : schemaOf(file.replace('.schema.json', ''));
  return pointer === '' ? schema : at(schema, pointer.split('/').slice(1));
}

function objectsIn(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (!isMap(value)) return [];
  return [
    ...(value['type'] === 'object' ? [value] : []),
    ...Object.values(value).flatMap(objectsIn),
  ];
}
