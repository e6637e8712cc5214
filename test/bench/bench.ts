// `npm run bench [-- --rounds N] [-- RACE…]`: runs bootstrap beside its floors and its peers, prints what was reached of what
// is to be reached, and writes RESULTS.md, with profile.md at its end. Needs a C compiler; peers that are not installed are left out.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GOALS, type Outcome } from './goals.ts';
import { figure, run, type Race, type Results } from './measure.ts';
import {
  changeRace,
  firstRace,
  heartbeatRace,
  noopRace,
  scriptsRace,
  startRace,
  type Ground,
} from './races.ts';
import { L, M } from './workload.ts';

const ROUNDS = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: String(ROUNDS) }, folder: { type: 'string' } },
});
const folder = mkdtempSync(join(values.folder ?? tmpdir(), 'bootstrap-bench-'));
// On ext4 each folder made in it is put elsewhere on the disk, see emptyFolder(); other file systems have nothing like it.
spawnSync('chattr', ['+T', folder]);
// Not in this process, which waits for the programs that are run before a race.
const sleeper = spawn(process.execPath, [resolve('test/bench/floors/answers-late.mjs')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const [port] = (await once(sleeper.stdout.setEncoding('utf8'), 'data')).map(Number);
try {
  const floor = compile('floor');
  const track = { figures: compile('figures'), scratch: join(folder, 'figures.txt') };
  const races = racesOn({ folder, floor, rounds: Number(values.rounds) });
  const outcome: Record<string, Results> = {};
  const tables: string[] = [];
  for (const [key, makeRace] of Object.entries(races)) {
    if (positionals.length > 0 && !positionals.includes(key)) continue;
    const race = makeRace();
    const results = await run(race, track);
    outcome[key] = results;
    tables.push(tableOf(race, results));
    console.log(`\n${tables.at(-1)}`);
  }
  const goals = goalTable(outcome);
  console.log(`\n${goals}`);
  if (positionals.length === 0)
    writeFileSync(
      resolve('test/bench/RESULTS.md'),
      page([goals, ...tables, readFileSync(resolve('test/bench/profile.md'), 'utf8').trimEnd()]),
    );
} finally {
  sleeper.stdin.end();
  rmSync(folder, { recursive: true });
}

function racesOn(ground: Ground): Readonly<Record<string, () => Race>> {
  return {
    start: () => startRace(ground),
    M: () => noopRace(M, ground),
    L: () => noopRace(L, ground),
    change: () => changeRace(M, ground),
    first: () => firstRace(L, ground),
    scripts: () => scriptsRace(ground),
    heartbeats: () => heartbeatRace(port ?? NaN, ground),
  };
}

function compile(name: string): string {
  const program = join(folder, name);
  const source = resolve(`test/bench/floors/${name}.c`);
  const { status } = spawnSync('cc', ['-O2', '-o', program, source], { stdio: 'inherit' });
  if (status !== 0) throw new Error('a C compiler is needed: apt-get install gcc libc6-dev');
  return program;
}

function tableOf({ title, rounds }: Race, results: Results): string {
  const [first = ''] = results.keys();
  const lines = [...results.keys()].map((name) => {
    const [wallMs, cpuMs] = [figure(results, name, 'wallMs'), figure(results, name, 'cpuMs')];
    const times = cpuMs / figure(results, first, 'cpuMs');
    const peakMb = figure(results, name, 'peakMb').toFixed(0);
    return `| ${name} | ${wallMs.toFixed(1)} | ${cpuMs.toFixed(1)} | ${times.toFixed(2)} | ${peakMb} |`;
  });
  return [
    `## ${title} (medians of ${rounds} rounds)`,
    '',
    `| program | wall ms | cpu ms | cpu / ${first} | peak MB |`,
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function goalTable(outcome: Outcome): string {
  const lines = GOALS.map(({ what, bound, unit, reached }) => {
    const value = reached(outcome);
    const verdict = value === undefined ? '-' : value <= bound ? 'yes' : 'no';
    return `| ${what} | <= ${bound} ${unit} | ${value?.toFixed(2) ?? 'not run'} | ${verdict} |`;
  });
  return ['| what | goal | measured | reached |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function page(parts: readonly string[]): string {
  const [cpu] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `# What \`npm run bench\` measured

${new Date().toISOString().slice(0, 10)}; ${cpu?.model.trim() ?? 'an unknown cpu'} x ${cpus().length}, ${gib} GiB, Linux ${release()}, node ${process.version}.
Programs of one table were run in turn; ratios are medians of the ratios of each round, of cpu time unless said otherwise. Times of
different tables, or of different days, cannot be compared. S is 3 products of 10 settings, M 100 of 20, L 1,000 of 100.

${parts.join('\n\n')}
`;
}
