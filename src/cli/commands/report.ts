import { findRun } from '../../app/history.ts';
import { historyDocument, renderRun } from '../../core/render/history-text.ts';
import { renderReportHtml, type ReportOptions } from '../../core/render/report-html.ts';
import { renderReportJunit } from '../../core/render/report-junit.ts';
import { renderReportMarkdown } from '../../core/render/report-markdown.ts';
import { accountOf, type RunAccount } from '../../core/run-account.ts';
import type { PastRun } from '../../model/history.ts';
import { journalPath } from '../../model/layout.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap report RUN`: one run as a file that stands by itself, for a change ticket or a pipeline. */
export function report(options: GlobalOptions, asked: string): number {
  const session = openSession(options);
  const { host, site, streams } = session;
  const run = findRun(host, site.root, asked);
  if (!run.ok) return failWith(session, run.error);
  const account = accountOf(run.value.records);
  if (account === undefined)
    return failWith(session, {
      code: 'file-unusable',
      path: journalPath(site.root, run.value.runId),
      why: run.value.damage ?? 'nothing was begun in it',
      what: 'read',
    });
  streams.out(rendered(session, run.value, account));
  return 0;
}

function rendered({ host, format, text }: Session, run: PastRun, account: RunAccount): string {
  const options: ReportOptions = { host: host.machine.hostname() };
  switch (format) {
    case 'html':
      return renderReportHtml(account, options);
    case 'junit':
      return renderReportJunit(account, options);
    case 'markdown':
      return renderReportMarkdown(account, options);
    case 'json':
      return `${JSON.stringify(historyDocument([run], []), undefined, 2)}\n`;
    case 'text':
    case 'github':
    case 'mermaid':
      return renderRun(run, text.palette);
  }
}
