import { liveView } from '../report/live-view.ts';
import { ndjsonSink } from '../report/ndjson.ts';
import { plainView } from '../report/plain-view.ts';
import type { RunView } from '../report/run-view.ts';
import { planFrame, type Session } from './session.ts';
import { drawsLive, openTerminal, spinnerFor } from './terminal.ts';

/** How the runs of a command are shown: drawn on a terminal, told to a pipe, or as JSON to a program. */
export function openView(session: Session): RunView {
  const { host, json, streams, text, columns } = session;
  const { clock } = host;
  if (json)
    return {
      sink: ndjsonSink(streams.out, (inputs, runId) => planFrame({ host, runId }, inputs)),
      streams,
      aside: async (work) => await work(),
      close: async () => {},
    };
  const told = { ...text, width: columns };
  if (text.quiet || columns === undefined || !drawsLive())
    return plainView(streams, { clock, text: { ...told, isLive: false } });
  return liveView(streams, {
    clock,
    terminal: openTerminal(host),
    spinner: spinnerFor(process.env),
    text: told,
  });
}
