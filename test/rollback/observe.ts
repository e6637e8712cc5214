// What an apply came to, in a few lines: what was called and told, and what is on record.
import { readdirSync } from 'node:fs';
import { redact } from '../rig/redact.ts';
import type { Ran } from '../rig/cli.ts';
import type { World } from '../rig/world.ts';

type Json = Readonly<Record<string, unknown>>;

/** How a run ended and what it left, one fact a line. */
export function observe(world: World, ran: Ran, revisions: string[]): string {
  const events = ran.stdout
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Json);
  const lines = [
    `${endOf(ran, events)}`,
    `calls: ${listed(world.text('log'))}`,
    `told: ${events.flatMap(wordOf).join(' ') || '-'}`,
    `server: ${[world.text('var/bootstrap/server-mode')?.trim(), ...products(world)].join(', ')}`,
    `files: ${['etc/c.ini', 'etc/t.conf'].flatMap((path) => fileOf(world, path)).join(', ') || '-'}`,
    `kept: ${generations(world, revisions)}; ${conditions(world, revisions)}`,
    ...reasons(world),
    ...restarts(world),
  ];
  return `${lines.filter((line) => line !== 'files: -').join('\n')}\n`;
}

function endOf({ exitCode, stderr }: Ran, events: readonly Json[]): string {
  const last = events.at(-1);
  if (last?.['type'] !== 'run.finished')
    return exitCode === null ? 'killed' : `exit ${exitCode} ${stderr}`;
  const failures = (last['failures'] as readonly Json[]).map(({ code }) => String(code));
  return [`exit ${exitCode}`, `${String(last['outcome'])}`, ...failures].join(' ');
}

function wordOf(event: Json): readonly string[] {
  const id = (name: string): string => String((event[name] as Json)['id']);
  switch (event['type']) {
    case 'action.completed':
      return [`+${id('action')}`];
    case 'action.failed':
      return [`!${id('action')}`];
    case 'action.skipped':
      return [`-${id('action')}`];
    case 'verify.passed':
      return [`+${id('verification')}`];
    case 'verify.failed':
      return [`!${id('verification')}`];
    case 'rollback.started':
      return [`back(${String(event['generation'])})`];
    case 'rollback.completed':
      return [event['verified'] === true ? 'verified' : 'unverified'];
    case 'run.finished':
      return [counted(event['counts'] as Readonly<Record<string, number>>)];
    default:
      return [];
  }
}

function counted(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return `{${some.map(([verdict, count]) => `${verdict} ${count}`).join(', ')}}`;
}

function listed(text: string | null): string {
  return (text ?? '').trim().split('\n').join('; ') || '-';
}

function products(world: World): readonly string[] {
  const names = (world.text('var/bootstrap/products') ?? '')
    .replace(/ in a folder$/, '')
    .split(' ');
  return names.filter(Boolean).map((name) => {
    const of = (file: string): string =>
      world.text(`var/bootstrap/products/${name}/${file}`)?.trim() ?? '-';
    return `${name} ${of('version')} ${of('status')}`;
  });
}

function fileOf(world: World, path: string): readonly string[] {
  const text = world.text(path);
  if (text === null) return [];
  const lines = text.split('\n').filter((line) => line !== '' && !/^[#;]/.test(line));
  return [`${path} ${lines.join(' | ')}`];
}

function generations(world: World, revisions: string[]): string {
  const names = readdirSync(`${world.root}/var/bootstrap/generations`, { recursive: false })
    .map(String)
    .filter((name) => name.endsWith('.json'))
    .toSorted();
  return names
    .map((name) => {
      const text = world.text(`var/bootstrap/generations/${name}`) ?? '{}';
      if (!text.trimEnd().endsWith('}')) return `${name} damaged`;
      const { number, outcome, revision } = JSON.parse(text) as Json;
      return `${String(number)} ${String(outcome)} of ${nameOf(revision, revisions)}`;
    })
    .join(', ');
}

// Revisions by the order in which they were first seen.
function nameOf(revision: unknown, revisions: string[]): string {
  if (typeof revision !== 'string') return '-';
  if (!revisions.includes(revision)) revisions.push(revision);
  return `r${revisions.indexOf(revision) + 1}`;
}

function conditions(world: World, revisions: string[]): string {
  const status = JSON.parse(world.text('var/bootstrap/status.json') ?? '{}') as Json;
  const [attempted, applied, good] = ['Attempted', 'Applied', 'Good'].map((which) =>
    nameOf(status[`last${which}Revision`], revisions),
  );
  const flags = ((status['conditions'] ?? []) as readonly Json[])
    .filter(({ type }) => type === 'RolledBack' || type === 'Ready' || type === 'Stalled')
    .map(({ type, status: is }) => `${String(type)}=${String(is)}`);
  return `attempted ${attempted}, applied ${applied}, good ${good}; ${flags.join(' ')}`;
}

function reasons(world: World): readonly string[] {
  const text = world.text('var/bootstrap/quarantine.json');
  if (text === null) return [];
  const held = quarantined(text);
  if (held === undefined) return ['quarantine: damaged'];
  return Object.entries(held).map(
    ([name, { reason }]) => `quarantine ${name}: ${brief(redact(String(reason), world.root))}`,
  );
}

function restarts(world: World): readonly string[] {
  const { products } = JSON.parse(world.text('var/bootstrap/restarts.json') ?? '{}') as Json;
  return Object.entries((products ?? {}) as Readonly<Record<string, Json>>).map(
    ([name, { attempts }]) => `restarts of ${name}: ${String(attempts)}`,
  );
}

function quarantined(text: string): Readonly<Record<string, Json>> | undefined {
  const isWhole = text.startsWith('{') && text.trimEnd().endsWith('}');
  const { schema, products } = (isWhole ? JSON.parse(text) : {}) as Json;
  return schema === 'bootstrap.quarantine/1' ? (products as Record<string, Json>) : undefined;
}

// What the last look at a heartbeat saw is a matter of milliseconds, and so is the port it is asked on.
function brief(reason: string): string {
  return reason
    .replace(/127\.0\.0\.1:\d+/, 'HOST:PORT')
    .replace(/(DURATION): (?!StaleInstance).*/s, '$1');
}
