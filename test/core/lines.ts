import type { Action, Deed, ScriptRun, Verification } from '../../src/model/action.ts';
import type { Change } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';

/** A change on one line: `haproxy.maxconn 9 -> 2000 (drift)`. */
export function changeLine(change: Change): string {
  switch (change.kind) {
    case 'product-missing':
      return `${change.product} missing -> ${change.to}`;
    case 'version-differs':
      return `${change.product} ${change.from} -> ${change.to} (${change.cause})`;
    case 'repository-differs':
      return `${change.product} repository ${change.from ?? '(none)'} -> ${change.to}`;
    case 'setting-differs': {
      const { path, before, after } = change.setting;
      return `${change.product}.${path.join('.')} ${valueText(before)} -> ${valueText(after)} (${change.cause})`;
    }
    case 'config-differs':
      return `${change.product} config ${change.path} ${change.found} (${change.cause})`;
    case 'config-access-differs':
      return `${change.product} config-${change.part} ${change.from ?? '(none)'} -> ${change.to} (${change.cause})`;
    case 'product-unfinished':
      return `${change.product} ${change.status} at ${change.at ?? '(none)'}`;
    case 'product-unwanted':
      return `${change.product} ${change.at ?? '(none)'} unwanted`;
    case 'protection-differs':
      return `${change.product} protection -> ${change.to}`;
    case 'product-dead':
      return `${change.product} dead by ${change.by.join(', ')}`;
    case 'restart-unfinished':
      return `${change.product} restart unfinished`;
    case 'redo-asked':
      return `${change.product} redo`;
    case 'mode-differs':
      return `mode ${change.from ?? '(none)'} -> ${change.to}`;
    case 'fact-unreadable':
      return `${change.product ?? 'server'} ${change.fact} unreadable: ${change.why}`;
  }
}

function valueText(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}

/** A plan, a line an action, a verification and a held product. */
export function planLines({ actions, verifications, held }: Plan): readonly string[] {
  return [
    ...actions.map(actionLine),
    ...verifications.map(verificationLine),
    ...held.map(({ product, why, detail }) => `${product ?? 'server'} ${why}: ${detail}`),
  ];
}

/** `haproxy/upgrade: version-differs, spec, opaque; after store/upgrade; upgrading > upgrade(bookworm 2 idle) > …` */
function actionLine(action: Action): string {
  const { id, kind, reason, cause, certainty, blocked } = action;
  const word = id.endsWith(`/${kind}`) || kind === 'mode' ? id : `${id} ${kind}`;
  const marks = [
    reason,
    cause,
    certainty,
    ...(action.disruptive ? ['disruptive'] : []),
    ...(blocked === undefined ? [] : [`blocked by ${blocked.by}`]),
  ];
  return [`${word}: ${marks.join(', ')}`, ...after(action), deedsLine(action.deeds)].join('; ');
}

function verificationLine(verification: Verification): string {
  const { id, newProcess, wasFailing, deeds } = verification;
  const marks = [...(newProcess ? ['new process'] : []), ...(wasFailing ? ['failed before'] : [])];
  return [`${id}:`, ...marks, ...after(verification), deedsLine(deeds)]
    .join('; ')
    .replace(':;', ':');
}

function after({ dependsOn }: Pick<Action, 'dependsOn'>): readonly string[] {
  return dependsOn.length === 0 ? [] : [`after ${dependsOn.join(' ')}`];
}

function deedsLine(deeds: readonly Deed[]): string {
  return deeds.length === 0 ? 'no deeds' : deeds.map(deedText).join(' > ');
}

function deedText(deed: Deed): string {
  switch (deed.do) {
    case 'run-script':
      return runText(deed.run);
    case 'run-each-script':
      return `each ${deed.runs.map((run) => `${run.product} ${runText(run)}`).join(', ')}`;
    case 'check-config':
      return `check(${deed.argv.join(' ')})`;
    case 'write-config':
      return `write(${deed.path})`;
    case 'record-product': {
      const { version, repository, status, settings, configDigest, protect } = deed;
      return [
        ...(status === undefined || status === 'valid' ? [] : [status]),
        ...(version === undefined ? [] : [`version=${version}`]),
        ...(repository === undefined ? [] : [`repository=${repository}`]),
        ...(settings === undefined ? [] : [`settings=${JSON.stringify(settings)}`]),
        ...(configDigest === undefined ? [] : ['digest']),
        ...(protect === undefined ? [] : [`protect=${protect}`]),
        ...(status === 'valid' ? [status] : []),
      ].join(' ');
    }
    case 'record-mode':
      return `mode=${deed.mode}`;
    case 'count-restart':
      return 'count';
    case 'remove-config':
      return `unlink(${deed.path})`;
    case 'forget-product':
      return 'forget';
  }
}

function runText({ kind, args, stdin }: ScriptRun): string {
  return `${kind}(${args.join(' ')})${stdin === undefined ? '' : ` < ${stdin.trim()}`}`;
}
