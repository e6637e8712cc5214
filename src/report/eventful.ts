import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Event, Sink } from '../model/event.ts';

/** Passes on the runs that somebody would want to read of: those that do something, and those that end otherwise than the run before. */
export function eventfulSink(sink: Sink): Sink {
  let held: Event[] = [];
  let isTold = false;
  let endBefore: string | undefined;
  const tell = (): void => {
    for (const event of held) sink(event);
    held = [];
    isTold = true;
  };
  return (event) => {
    held.push(event);
    if (isTold || isEventful(event)) tell();
    if (event.type !== 'run.finished') return;
    const end = event.failures.map(renderFailureLine).join('\n');
    if (end !== endBefore) tell();
    endBefore = end;
    held = [];
    isTold = false;
  };
}

// What is held back once more, and what is only looked at, was said before.
function isEventful({ type }: Event): boolean {
  switch (type) {
    case 'action.started':
    case 'lock.waiting':
    case 'verify.started':
    case 'rollback.started':
    case 'diagnostic':
      return true;
    case 'run.started':
    case 'plan.made':
    case 'action.output':
    case 'action.completed':
    case 'action.failed':
    case 'action.skipped':
    case 'heartbeat.seen':
    case 'verify.passed':
    case 'verify.failed':
    case 'rollback.completed':
    case 'run.finished':
      return false;
  }
}
