import type { EventBody } from '../model/event.ts';
import type { Level, Streams } from './streams.ts';

// SD_ERR, SD_WARNING, SD_INFO and SD_DEBUG of sd-daemon(3), which are those of syslog(3).
const NUMBER: { readonly [L in Level]: number } = { error: 3, warning: 4, info: 6, debug: 7 };

/** Streams that begin each line with its level, as `<3>`, where they go to the journal, which takes it off again (sd-daemon(3)). */
export function journalStreams(
  streams: Streams,
  isJournal: { readonly [S in keyof Streams]: boolean },
): Streams {
  return {
    out: isJournal.out
      ? (text, level = 'info') => streams.out(withLevel(text, level))
      : streams.out,
    err: isJournal.err
      ? (text, level = 'warning') => streams.err(withLevel(text, level))
      : streams.err,
  };
}

function withLevel(text: string, level: Level): string {
  // Not ^, which takes more than a newline for the beginning of a line.
  return text.replaceAll(/(?<![^\n])(?=[^\n])/g, `<${NUMBER[level]}>`);
}

/** How much the text of an event matters; what scripts print, least. */
export function levelOf(event: EventBody): Level {
  switch (event.type) {
    case 'action.failed':
    case 'verify.failed':
      return 'error';
    case 'rollback.completed':
      return event.verified ? 'info' : 'error';
    case 'action.skipped':
    case 'rollback.started':
    case 'diagnostic':
      return 'warning';
    case 'action.output':
    case 'heartbeat.seen':
      return 'debug';
    case 'run.started':
    case 'lock.waiting':
    case 'plan.made':
    case 'action.started':
    case 'action.completed':
    case 'verify.started':
    case 'verify.passed':
    case 'run.finished':
      return 'info';
  }
}
