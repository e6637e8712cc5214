import type { DocumentPath, HeartbeatDocument } from '../model/document.ts';
import { showPath } from '../model/document.ts';
import type { DurationMs } from '../model/duration.ts';
import { durationMs, parseDuration } from '../model/duration.ts';
import type { Heartbeat, HeartbeatProbe, HeartbeatTiming } from '../model/heartbeat.ts';
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
/** The status of a good answer where nothing is said. */
export const HTTP_STATUS_DEFAULT = 200;

/** A heartbeat with its defaults filled in; undefined where it cannot be made. That is noted, except for kinds not supported yet. */
export function normaliseHeartbeat(
  document: HeartbeatDocument,
  path: DocumentPath,
  note: NoteFinding,
): Heartbeat | undefined {
  const timing = normaliseTiming(document, path, note);
  const probe = normaliseProbe(document, path, note);
  return probe && { probe, timing };
}

function normaliseTiming(
  document: HeartbeatDocument,
  path: DocumentPath,
  note: NoteFinding,
): HeartbeatTiming {
  const fallback = HEARTBEAT_TIMING_DEFAULT;
  // Without a pause between looks, or without time for an answer, a heartbeat is a busy loop or can never pass.
  for (const key of ['interval', 'timeout'] as const) {
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
  if (document.http !== undefined) {
    const isAddress = noteUnlessHttpUrl(document.http, [...path, 'http'], note);
    const isPattern = noteUnlessPattern(document.body, [...path, 'body'], note);
    if (!isAddress || !isPattern) return undefined;
    const { http: url, status = HTTP_STATUS_DEFAULT, body } = document;
    return { kind: 'http', url, status, body };
  }
  if (document.tcp !== undefined) return tcpProbe(document.tcp, [...path, 'tcp'], note);
  if (document.process !== undefined) return { kind: 'process', pidFile: document.process };
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
