// What a journal says is open and done, and what is planned then: nothing that ended well a second time.
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { isUnfinished, lastRunIn, openScripts, stillOpen } from '../../src/core/progress.ts';
import { known } from '../../src/model/fact.ts';
import { actionId } from '../../src/model/ids.ts';
import type { JournalRecord, LastRun } from '../../src/model/journal.ts';
import type { ServerMode } from '../../src/model/mode.ts';
import { folded, recordsOf } from './journals.ts';
import { planLines } from './lines.ts';
import { ALL_ALLOWED, at, given, selecting, type ProductCase, type ServerCase } from './states.ts';

describe('a journal of', () => {
  test.each<[string, string, string]>([
    ['nothing but its first line', '', ''],
    ['a script that was to start', 'intent web upgrade 2', 'web: upgrade open'],
    ['one that started', 'intent web upgrade 2, spawned web', 'web: upgrade open as 7'],
    [
      'one that ended well',
      'intent web upgrade 2, spawned web, exited web 0',
      'web: done upgrade=2',
    ],
    ['one that failed', 'intent web upgrade 2, spawned web, exited web 3', 'web: nothing'],
    ['one that never started', 'intent web upgrade 2, exited web not-started', 'web: nothing'],
    [
      'one that a signal ended',
      'intent web upgrade 2, spawned web, exited web signal',
      'web: upgrade open',
    ],
    [
      'one out of time',
      'intent web upgrade 2, spawned web, exited web timeout',
      'web: upgrade open',
    ],
    [
      'two that ended well',
      'intent web upgrade 2, exited web 0, intent web set x, exited web 0',
      'web: done upgrade=2 set=x',
    ],
    [
      'an upgrade after a set: the set counts no more',
      'intent web set x, exited web 0, intent web upgrade 3, exited web 0',
      'web: done upgrade=3',
    ],
    [
      'a second set: the first counts no more, the upgrade does',
      'intent web upgrade 2, exited web 0, intent web set x, exited web 0, intent web set y',
      'web: done upgrade=2, set open',
    ],
    ['a product that is valid', 'intent web upgrade 2, exited web 0, valid web', ''],
    ['one that was removed', 'intent web remove 2, exited web 0, forgotten web', ''],
    ['one that failed for good', 'intent web upgrade 2, exited web 0, failed web', 'web: nothing'],
    [
      'one that failed by force: what it did is not known',
      'intent web upgrade 2, exited web timeout, failed web',
      'web: upgrade open',
    ],
    [
      'two products at a time',
      'intent db upgrade 2, intent web upgrade 2, exited db 0, spawned web',
      'db: done upgrade=2; web: upgrade open as 7',
    ],
    [
      'a mode that two were told, on its way',
      'mode mode-updating, intent db mode idle, exited db 0, intent web mode idle',
      'db: done mode=idle; web: mode open',
    ],
    [
      'a mode that is there: what each was told last still counts',
      'intent web set x, exited web 0, intent web mode idle, exited web 0, mode idle',
      'web: done set=x mode=idle',
    ],
    ['lines about others', 'action web/upgrade, verified web/verify, end', ''],
  ])('%s', (_, journal, expected) => {
    expect(progressText(folded(journal))).toBe(expected);
  });

  test('carries on what the run before it left open', () => {
    const before = folded('intent web upgrade 2, exited web 0, intent db set x');
    const [begin, ...others] = recordsOf('intent web set y');
    const carried = { ...begin, carried: [...before.progress] } as JournalRecord;
    const after = lastRunIn([carried, ...others]);
    expect(after && progressText(after)).toBe('web: done upgrade=2, set open; db: set open');
  });

  test('tells by its last line whether its run came to an end', () => {
    expect(folded('valid web').ended).toBe(false);
    expect(folded('valid web, end').ended).toBe(true);
    expect(lastRunIn([])).toBeUndefined();
  });
});

describe('after a journal of', () => {
  test.each<[string, string, string]>([
    ['what went well', 'intent web upgrade 2, exited web 0', 'nothing'],
    ['what failed, with no way back to follow', 'failed web, action web/upgrade', 'nothing'],
    ['what failed, before the way back was begun', 'faulty web bad, failed web', 'web: bad'],
    ['the same of a run that ended by itself', 'faulty web bad, failed web, end', 'nothing'],
    ['a way back that was begun', 'faulty web bad, rollback begun', '1 back for web: bad'],
    ['one that was interrupted, and said so', 'rollback begun, end', '1 back for web: bad'],
    ['one that fails', 'faulty web bad, rollback begun, faulty db bad', '1 back for web: bad'],
    ['one that ended', 'faulty web bad, rollback begun, rollback ended', 'nothing'],
  ])('%s this is to be taken back', (_, journal, expected) => {
    expect(backText(folded(journal))).toBe(expected);
  });

  test('a run that died before it went on with a way back, that is to be taken back', () => {
    const { rollback = null } = folded('rollback begun');
    const [begin, ...others] = recordsOf('mode invalid');
    const after = lastRunIn([{ ...begin, rollback } as JournalRecord, ...others]);
    expect(after && backText(after)).toBe('1 back for web: bad');
  });
});

function backText({ rollback }: LastRun): string {
  if (rollback === undefined) return 'nothing';
  const { generation, products, faults } = rollback;
  const all = products === null ? ' back for ' : '';
  return `${generation ?? ''}${all}${faults.map((each) => each.join(': ')).join(', ')}`;
}

describe('of what a journal says, it counts what the records say is unfinished:', () => {
  const upgrading = { status: known('upgrading' as const) } as const;
  test.each<[string, ServerMode, ProductCase['found'], string]>([
    ['a product under way', 'production', upgrading, 'web: done upgrade=2 mode=idle'],
    ['one that is valid', 'production', {}, ''],
    ['one that is valid, while the mode is under way', 'mode-updating', {}, 'web: done mode=idle'],
    ['one that is gone', 'production', 'nothing', ''],
  ])('%s', (_, mode, found = {}, expected) => {
    const { actual } = given({ mode, products: { web: { found } } });
    const run = folded('intent web upgrade 2, exited web 0, intent web mode idle, exited web 0');
    const progress = stillOpen(run.progress, actual);
    expect(progressText({ ...run, progress })).toBe(expected);
    expect(isUnfinished(actual)).toBe(expected !== '');
  });

  test('one that is valid, and was being restarted; not one that is wished for no more', () => {
    const { actual } = given({ products: { web: {} }, leftovers: { db: {} } });
    const run = folded('intent web mode production, intent db mode production');
    const restarting = [...run.progress].map(([name, each]) => {
      const open = each.open && { ...each.open, action: actionId(name, 'restart') };
      return [name, { ...each, open }] as const;
    });
    const progress = stillOpen(new Map(restarting), actual);
    expect(progressText({ ...run, progress })).toBe('web: mode open');
    // Of another mode-script the records tell: a journal that lost its end does not have it run again.
    expect(stillOpen(run.progress, actual).size).toBe(0);
  });
});

const UPGRADING = { ...at('1'), status: known('upgrading' as const) } as const;
const AT_TWO = { ...at('2'), status: known('upgrading' as const) } as const;
const SCRIPTS = 'upgrade set reload mode';
const ini: ProductCase = { version: '2', scripts: SCRIPTS, config: 'ini', settings: { port: 1 } };
const key = (version: string): string => JSON.stringify(['', version]);
const digest = '#ini of {"port":1}\n';

describe('after a run that was interrupted, the plan runs', () => {
  test.each<[string, ServerCase, string, string]>([
    [
      'the upgrade that was',
      one({ found: UPGRADING }),
      `intent web upgrade ${key('2')}`,
      'upgrade(2) mode(production)',
    ],
    [
      'the upgrade to the version on record that failed, before anybody could say so',
      one({ found: AT_TWO }),
      `intent web upgrade ${key('2')}, spawned web, exited web 3`,
      'upgrade(2) mode(production)',
    ],
    [
      'the upgrade to the version on record that could not be started',
      one({ found: AT_TWO }),
      `intent web upgrade ${key('2')}, exited web not-started`,
      'upgrade(2) mode(production)',
    ],
    [
      'no upgrade that ended well and was not recorded',
      one({ found: UPGRADING }),
      `intent web upgrade ${key('2')}, exited web 0`,
      'mode(production)',
    ],
    [
      'nothing where all ended well',
      one({ found: AT_TWO }),
      `intent web upgrade ${key('2')}, exited web 0, intent web mode production, exited web 0`,
      '',
    ],
    [
      'the reload that a set-script did not come to',
      one({ ...ini, found: AT_TWO }),
      `intent web upgrade ${key('2')}, exited web 0, intent web set {"port":1}, exited web 0`,
      'reload() mode(production)',
    ],
    [
      'no set-script whose settings were not recorded, where only the record tells them',
      one({ settings: { port: 1 }, scripts: 'upgrade set', found: { ...AT_TWO, ...OLD } }),
      `intent web upgrade ${key('2')}, exited web 0, intent web set {"port":1}, exited web 0`,
      '',
    ],
    [
      'a set-script whose settings somebody changed since in the file',
      one({ ...ini, found: { ...AT_TWO, ...OLD } }),
      `intent web upgrade ${key('2')}, exited web 0, intent web set {"port":1}, exited web 0`,
      'set(port) reload() mode(production)',
    ],
    [
      'nothing but the mode-script where the reload ended well too',
      one({ ...ini, found: AT_TWO }),
      `intent web upgrade ${key('2')}, exited web 0, intent web set {"port":1}, exited web 0, intent web reload ${digest}, exited web 0`,
      'mode(production)',
    ],
    [
      'the old version, where the wish was taken back during the upgrade',
      one({ version: '1', found: UPGRADING }),
      `intent web upgrade ${key('2')}`,
      'upgrade(1) mode(production)',
    ],
    [
      'the old version, where it was taken back after it',
      one({ version: '1', found: UPGRADING }),
      `intent web upgrade ${key('2')}, exited web 0`,
      'upgrade(1) mode(production)',
    ],
    [
      'the newer version and all after it, where the wish went on meanwhile',
      one({ ...ini, version: '3', found: AT_TWO }),
      `intent web upgrade ${key('2')}, exited web 0, intent web set {"port":1}, exited web 0`,
      'upgrade(3) set(port) reload() mode(production)',
    ],
  ])('%s', (_, server, journal, expected) => {
    expect(runsPlanned(server, journal)).toBe(expected);
  });

  test('the mode-script of the one of two products that was not told yet', () => {
    const server = {
      mode: 'mode-updating',
      products: { db: {}, web: { dependsOn: ['db'] } },
    } as const;
    expect(runsPlanned(server, 'mode mode-updating, intent db mode production, exited db 0')).toBe(
      'mode(production)',
    );
    expect(runsPlanned(server, 'mode mode-updating, intent db mode idle, exited db 0')).toBe(
      'mode(production) mode(production)',
    );
  });

  test('no mode-script of a product that was told to stop, though it is changed after that', () => {
    const server = {
      wish: 'idle',
      mode: 'invalid',
      products: { db: { version: '2', found: at('1') }, web: { dependsOn: ['db'] } },
    } as const;
    const journal =
      'mode mode-updating, intent web mode idle, exited web signal, intent db mode idle, exited db 0';
    expect(runsPlanned(server, journal)).toBe('mode(idle) upgrade(2)');
  });
});

describe('what must not be run twice', () => {
  const guarded: ProductCase = { ...ini, idempotent: false, found: UPGRADING };

  test('is blocked, with all that comes after it', () => {
    const lines = planned(one(guarded), `intent web upgrade ${key('2')}`);
    expect(lines.filter((line) => !line.includes('blocked by'))).toEqual([]);
    expect(lines[0]).toContain('blocked by interrupted');
  });

  test('stays so when its product is wished for otherwise, or the mode', () => {
    const other = one({ ...guarded, found: AT_TWO, version: '3' });
    expect(planned(other, 'intent web set x')[0]).toContain('blocked by interrupted');
    const idle = { ...one(guarded), wish: 'idle', mode: 'production' } as const;
    expect(planned(idle, `intent web upgrade ${key('2')}`)[0]).toMatch(
      /^server\/mode-idle:.*blocked by interrupted/,
    );
  });

  test('is not in the way of what ended well', () => {
    const journal = `intent web upgrade ${key('2')}, exited web 0`;
    expect(runsPlanned(one(guarded), journal)).not.toContain('upgrade');
    expect(planned(one(guarded), journal).join()).not.toContain('blocked');
  });

  test('is run with --redo', () => {
    const lines = planned(one(guarded), `intent web upgrade ${key('2')}`, '--redo web');
    expect(lines.join()).not.toContain('blocked');
    expect(lines[0]).toContain('upgrade( 2 production)');
  });
});

const OLD = {
  applied: known({ port: 0 }),
  settings: known({ port: 0 }),
} as const;

function one(product: ProductCase): ServerCase {
  return { products: { web: { version: '2', scripts: 'upgrade mode', ...product } } };
}

function planned(server: ServerCase, journal: string, selection = ''): readonly string[] {
  const states = given({ ...server, lastRun: known(folded(journal)) });
  const choices = { ...ALL_ALLOWED, selection: selecting(selection) };
  return planLines(makePlan(states, choices));
}

/** The scripts of a plan: `upgrade(2) mode(production)`. */
function runsPlanned(server: ServerCase, journal: string): string {
  const states = given({ ...server, lastRun: known(folded(journal)) });
  const runs = makePlan(states, ALL_ALLOWED).actions.flatMap(({ deeds }) =>
    deeds.flatMap((deed) => {
      if (deed.do === 'run-script') return [deed.run];
      return deed.do === 'run-each-script' ? deed.runs : [];
    }),
  );
  return runs
    .map(({ kind, args }) => `${kind}(${(kind === 'upgrade' ? args.slice(1, 2) : args).join(' ')})`)
    .join(' ');
}

/** `PRODUCT: done KIND=KEY …, KIND open as PID; …` */
function progressText({ progress }: Pick<LastRun, 'progress'>): string {
  const open = openScripts(progress);
  return [...progress]
    .map(([name, { done }]) => {
      const words = Object.entries(done).map(([kind, each]) => ` ${kind}=${each}`);
      const script = open.find(({ product }) => product === name);
      const pid = script?.process === undefined ? '' : ` as ${script.process.pid}`;
      const parts = [
        ...(words.length > 0 ? [`done${words.join('')}`] : []),
        ...(script === undefined ? [] : [`${script.script} open${pid}`]),
      ];
      return `${name}: ${parts.length === 0 ? 'nothing' : parts.join(', ')}`;
    })
    .join('; ');
}
