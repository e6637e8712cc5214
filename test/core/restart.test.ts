// Who is asked whether it is dead, when it is, and when it may be restarted.
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { restartText } from '../../src/core/render/restart-text.ts';
import { isDue, restartsAfter, withRestart } from '../../src/core/restart-record.ts';
import { deathIn, restartable } from '../../src/core/restart.ts';
import { absent, known } from '../../src/model/fact.ts';
import type { Sample } from '../../src/model/heartbeat.ts';
import type { Restarts } from '../../src/model/restart.ts';
import { parseWindow } from '../../src/core/window.ts';
import type { PlanChoices } from '../../src/core/plan.ts';
import {
  ALL_ALLOWED,
  allowing,
  at,
  beat,
  dark,
  given,
  mortal,
  named,
  selecting,
  type ServerCase,
} from './states.ts';

const web = { heartbeats: [beat, mortal] };
const newer = { version: '2', found: at('1') } as const;
const nights = parseWindow('22:00-04:00');
const NIGHTS = nights.ok ? [nights.value] : [];

describe('asked whether it is dead:', () => {
  test.each<[string, ServerCase, readonly string[], PlanChoices?]>([
    ['what works', { products: { web, db: web } }, ['web', 'db']],
    ['nobody without a heartbeat that restarts', { products: { web: { heartbeats: [beat] } } }, []],
    ['nobody without a mode-script', { products: { web: { ...web, scripts: 'upgrade' } } }, []],
    ['nobody where nothing serves', { wish: 'idle', products: { web } }, []],
    ['nobody on the way to work', { mode: 'idle', products: { web } }, []],
    ['nobody on the way out', { wish: 'idle', mode: 'production', products: { web } }, []],
    ['nobody where a run left the server invalid', { mode: 'invalid', products: { web } }, []],
    ['nobody where the mode cannot be read', { mode: dark, products: { web } }, []],
    ['not what is suspended', { products: { web: { ...web, suspend: true }, db: web } }, ['db']],
    [
      'not what could not be read',
      { products: { web: { ...web, found: { repository: dark } }, db: web } },
      ['db'],
    ],
    ['not what is changed anyway', { products: { web: { ...web, ...newer }, db: web } }, ['db']],
    [
      'not what was left half done, though that is held back',
      { products: { web: { ...web, found: { status: known('invalid') } }, db: web } },
      ['db'],
      allowing({ quarantined: new Set([named('web')]) }),
    ],
    [
      'not what somebody took away, and is to stay away',
      {
        products: {
          web: {
            ...web,
            scripts: 'upgrade mode probe',
            driftPolicy: 'report',
            found: { version: absent },
          },
          db: web,
        },
      },
      ['db'],
    ],
    [
      'what has no status, as the old tool left it',
      { products: { web: { ...web, found: { status: absent } } } },
      ['web'],
    ],
    [
      'what waits for its window',
      { products: { web: { ...web, ...newer } } },
      ['web'],
      allowing({ windows: NIGHTS, now: new Date('2026-11-22T12:00:00Z') }),
    ],
    [
      'what is in quarantine: that its restart is held back is said then',
      { products: { web: { ...web, ...newer } } },
      ['web'],
      allowing({ quarantined: new Set([named('web')]) }),
    ],
    [
      'of a selection, what is selected',
      { products: { web, db: web, app: { ...web, dependsOn: ['db'] } } },
      ['db', 'app'],
      { ...ALL_ALLOWED, selection: selecting('--only app') },
    ],
    [
      'of a selection, what is not left out',
      { products: { web, db: web, app: { ...web, dependsOn: ['db'] } } },
      ['web'],
      { ...ALL_ALLOWED, selection: selecting('--exclude db') },
    ],
  ])('%s', (_, server, names, choices = ALL_ALLOWED) => {
    const states = given(server);
    const asked = restartable(states, makePlan(states, choices));
    expect(asked.map(({ name }) => name)).toEqual(names);
    expect(asked.flatMap(({ heartbeats }) => heartbeats).filter(({ restart }) => !restart)).toEqual(
      [],
    );
  });
});

const PASS: Sample = { verdict: 'pass', latencyMs: 1, identity: undefined };
const FAIL: Sample = { verdict: 'fail', latencyMs: 1, reason: 'refused', isGone: false };
const GONE: Sample = { ...FAIL, isGone: true };
const ERROR: Sample = { verdict: 'error', reason: 'no file handles' };

test.each<[string, readonly Sample[], ReturnType<typeof deathIn>]>([
  ['no look', [], 'unsure'],
  ['one that fails', [FAIL], 'unsure'],
  ['two that fail', [FAIL, FAIL], 'unsure'],
  ['three that fail', [FAIL, FAIL, FAIL], 'dead'],
  ['one that finds no process', [GONE], 'dead'],
  ['one that fails, and one that finds no process', [FAIL, GONE], 'dead'],
  ['one that passes', [PASS], 'not-dead'],
  ['two that fail and one that passes', [FAIL, FAIL, PASS], 'not-dead'],
  ['one that could not be made', [ERROR], 'not-dead'],
  ['two that fail and one that could not be made', [FAIL, FAIL, ERROR], 'not-dead'],
])('of %s in a row', (_, looks, death) => {
  expect(deathIn(looks)).toBe(death);
});

const NOW = new Date('2026-11-22T12:00:00.000Z');
const moment = { runId: 'run-2', now: NOW, random: () => 0 };

function pausedUntil(nextAt: string, attempts = 1): Restarts[string] {
  return { attempts, nextAt: `2026-11-22T${nextAt}Z`, runId: 'run-1' };
}

test.each<[string, Restarts[string] | undefined, boolean, string]>([
  ['that was never restarted', undefined, true, ''],
  ['whose time has come', pausedUntil('12:00:00'), true, 'the next apply restarts it, attempt 2'],
  [
    'that has to wait',
    pausedUntil('12:00:01', 3),
    false,
    'next restart at 2026-11-22T12:00:01Z, attempt 4',
  ],
  [
    'that waits as long as ever',
    pausedUntil('12:05:00', 9),
    false,
    'next restart at 2026-11-22T12:05:00Z, attempt 10',
  ],
  [
    'whose record a clock made that went wrong',
    pausedUntil('12:05:01'),
    true,
    'the next apply restarts it, attempt 2',
  ],
])('a product %s', (_, record, due, text) => {
  expect(isDue(record, NOW)).toBe(due);
  if (record !== undefined) expect(restartText(record, NOW)).toBe(text);
});

test('a restart is counted, and pauses longer than the one before; others stay as they are', () => {
  const before = { db: pausedUntil('11:00:00') };
  const once = withRestart(before, named('web'), moment);
  expect(once).toEqual({
    ...before,
    web: { attempts: 1, nextAt: '2026-11-22T12:00:05.000Z', runId: 'run-2' },
  });
  expect(withRestart(once, named('web'), moment)['web']).toEqual({
    attempts: 2,
    nextAt: '2026-11-22T12:00:10.000Z',
    runId: 'run-2',
  });
});

test('after a run only what fails is on record, and what it restarted itself pauses from its end', () => {
  const before = {
    web: { attempts: 2, nextAt: '2026-11-22T11:59:00.000Z', runId: 'run-2' },
    db: pausedUntil('12:04:00', 4),
    app: pausedUntil('12:04:00'),
  };
  expect(restartsAfter(before, new Set(['web', 'db', 'other']), moment)).toEqual({
    web: { attempts: 2, nextAt: '2026-11-22T12:00:10.000Z', runId: 'run-2' },
    db: before.db,
  });
});
