import type { ProductDefinition } from '../model/definition.ts';
import type { DocumentPath, HeartbeatDocument, ProductDocument } from '../model/document.ts';
import { isList, showPath } from '../model/document.ts';
import type { DurationMs } from '../model/duration.ts';
import { durationMs, parseDuration } from '../model/duration.ts';
import type { Heartbeat, HeartbeatProbe, HeartbeatTiming } from '../model/heartbeat.ts';
import type { ProductName } from '../model/ids.ts';
import type { NoteFinding } from './finding.ts';

/** The timing of a heartbeat that says nothing of its own (CONTRACT 1.3). */
export const HEARTBEAT_TIMING_DEFAULT: HeartbeatTiming = {
  graceMs: durationMs(0),
  intervalMs: durationMs(1000),
  timeoutMs: durationMs(2000),
  successes: 1,
  deadlineMs: durationMs(60_000),
  stableMs: durationMs(0),
};
/** The rest of an http heartbeat of which only the address is known. */
export const HTTP_PROBE_DEFAULTS = {
  socket: undefined,
  status: 200,
  body: undefined,
  header: [],
  json: [],
} as const;

/** Whose heartbeats they are. */
export interface HeartbeatSite {
  readonly name: ProductName;
  /** Of the product in the document. */
  readonly path: DocumentPath;
  readonly definition: ProductDefinition | undefined;
  readonly note: NoteFinding;
}

/** Heartbeats with their defaults filled in; those of bootstrap.ini where the document names none. What is wrong with them is noted. */
export function normaliseHeartbeats(
  document: ProductDocument['heartbeat'],
  site: HeartbeatSite,
): readonly Heartbeat[] {
  if (document === undefined) return site.definition?.heartbeats ?? [];
  const path = [...site.path, 'heartbeat'];
  const isOne = !isList(document);
  return (isOne ? [document] : document).flatMap((each, index) => {
    const at = isOne ? path : [...path, index];
    if (each.restart === true) noteUnlessRestartable(site, [...at, 'restart']);
    return normaliseHeartbeat(each, at, site.note) ?? [];
  });
}

function noteUnlessRestartable(
  { name, definition, note }: HeartbeatSite,
  path: DocumentPath,
): void {
  if (definition === undefined || definition.scripts.has('mode')) return;
  note({
    code: 'no-mode-script',
    path,
    part: 'key',
    summary: `${showPath(path)}: ${name} has no mode-script that could restart it`,
    fix: `add one to its section, ${definition.place.file}:${definition.place.line}, or remove the key`,
  });
}

/** Undefined where it cannot be made, which is noted. */
function normaliseHeartbeat(
  document: HeartbeatDocument,
  path: DocumentPath,
  note: NoteFinding,
): Heartbeat | undefined {
  const timing = normaliseTiming(document, path, note);
  const probe = normaliseProbe(document, path, note);
  return probe && { probe, timing, restart: document.restart ?? false };
}

function normaliseTiming(
  document: HeartbeatDocument,
  path: DocumentPath,
  note: NoteFinding,
): HeartbeatTiming {
  const fallback = HEARTBEAT_TIMING_DEFAULT;
  // Without a pause between looks, or without time for an answer or for a file's age, a heartbeat is a busy loop or can never pass.
  for (const key of ['interval', 'timeout', 'maxAge'] as const) {
    if (orDefault(document[key], durationMs(1)) > 0) continue;
    const at = [...path, key];
    note({
      code: 'out-of-range',
      path: at,
      part: 'value',
      summary: `${showPath(at)} must be longer than nothing`,
    });
  }
  const graceMs = orDefault(document.grace, fallback.graceMs);
  const stableMs = orDefault(document.stable, fallback.stableMs);
  const deadlineMs = orDefault(document.deadline, fallback.deadlineMs);
  if (deadlineMs <= graceMs + stableMs)
    note({
      code: 'out-of-range',
      path: document.deadline === undefined ? path : [...path, 'deadline'],
      part: 'value',
      summary: `${showPath(path)} can never pass: its deadline is not longer than grace and stable together`,
    });
  return {
    graceMs,
    intervalMs: orDefault(document.interval, fallback.intervalMs),
    timeoutMs: orDefault(document.timeout, fallback.timeoutMs),
    successes: document.successes ?? fallback.successes,
    deadlineMs,
    stableMs,
  };
}

function orDefault(text: string | undefined, fallback: DurationMs): DurationMs {
  return text === undefined ? fallback : (parseDuration(text) ?? fallback);
}

function normaliseProbe(
  document: HeartbeatDocument,
  path: DocumentPath,
  note: NoteFinding,
): HeartbeatProbe | undefined {
  const { http, tcp, unix, process, exec, systemd, monit, haproxy, file, maxAge } = document;
  if (http !== undefined) return httpProbe({ ...document, http }, path, note);
  if (tcp !== undefined) return tcpProbe(tcp, [...path, 'tcp'], note);
  if (unix !== undefined) return { kind: 'unix', path: unix };
  if (process !== undefined) return { kind: 'process', pidFile: process };
  if (exec !== undefined) return execProbe(exec, [...path, 'exec'], note);
  if (systemd !== undefined) return { kind: 'systemd', unit: systemd };
  if (monit !== undefined) return { kind: 'monit', service: monit };
  if (haproxy !== undefined) return { kind: 'haproxy', socket: haproxy };
  if (file === undefined) return undefined;
  const maxAgeMs = maxAge === undefined ? undefined : parseDuration(maxAge);
  return { kind: 'file', path: file, maxAgeMs };
}

function httpProbe(
  document: HeartbeatDocument & { readonly http: string },
  path: DocumentPath,
  note: NoteFinding,
): HeartbeatProbe | undefined {
  const { http: url, status = HTTP_PROBE_DEFAULTS.status, body, socket } = document;
  const header = Object.entries(document.header ?? {}).map(([name, pattern]) => ({
    name,
    pattern,
  }));
  const json = Object.entries(document.json ?? {}).map(([pointer, value]) => ({ pointer, value }));
  const checks = [
    noteUnlessHttpUrl(url, [...path, 'http'], note),
    noteUnlessPattern(body, [...path, 'body'], note),
    ...header.map(({ name, pattern }) =>
      noteUnlessPattern(pattern, [...path, 'header', name], note),
    ),
  ];
  if (checks.includes(false)) return undefined;
  return { kind: 'http', url, socket, status, body, header, json };
}

function execProbe(
  words: readonly string[],
  path: DocumentPath,
  note: NoteFinding,
): HeartbeatProbe | undefined {
  const [program = '', ...args] = words;
  if (program !== '') return { kind: 'exec', argv: [program, ...args] };
  note({
    code: 'malformed',
    path: [...path, 0],
    part: 'value',
    summary: `${showPath(path)} names no program`,
    detail: 'the first word is the program: a path, or a name on the PATH of bootstrap.ini',
  });
  return undefined;
}

/** False, and noted, where the text is not an address that can be asked over HTTP. */
export function noteUnlessHttpUrl(text: string, path: DocumentPath, note: NoteFinding): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The parser drops line breaks and blanks at the ends without a word; what is shown should be what is asked.
  const isHttp =
    (url?.protocol === 'http:' || url?.protocol === 'https:') && !/[\s\p{Cc}]/u.test(text);
  if (isHttp) return true;
  const detail =
    url === undefined
      ? 'an address is like http://127.0.0.1:8080/healthz'
      : 'only http: and https: addresses can be asked';
  note({
    code: 'malformed-url',
    path,
    part: 'value',
    summary: `${showPath(path)} is not a web address`,
    detail,
  });
  return false;
}

function noteUnlessPattern(
  text: string | undefined,
  path: DocumentPath,
  note: NoteFinding,
): boolean {
  try {
    new RegExp(text ?? '', 'u');
    return true;
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : undefined;
    note({
      code: 'malformed',
      path,
      part: 'value',
      summary: `${showPath(path)} is not a regular expression`,
      detail,
    });
    return false;
  }
}

function tcpProbe(text: string, path: DocumentPath, note: NoteFinding): HeartbeatProbe | undefined {
  const separator = text.lastIndexOf(':');
  const port = Number(text.slice(separator + 1));
  if (port >= 1 && port <= 65_535)
    return { kind: 'tcp', host: text.slice(0, separator).replace(/^\[|\]$/g, ''), port };
  note({
    code: 'out-of-range',
    path,
    part: 'value',
    summary: `${showPath(path)}: a port is a number from 1 to 65535`,
  });
  return undefined;
}
