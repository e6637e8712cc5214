/** How many annotations of a kind GitHub shows of one step; those beyond are dropped without a word. Source: docs.github.com, "Workflow commands", limits. */
export const ANNOTATIONS_MAX = 10;

/** A workflow command on one line, `::name key=value,…::message`; properties that are undefined are left out. Source: github.com/actions/toolkit, core/src/command.ts. */
export function githubCommand(
  name: string,
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const written = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(String(value))}`],
  );
  return `::${name}${written.length === 0 ? '' : ` ${written.join(',')}`}::${escapeData(message)}\n`;
}

/**
 * Text in a fold of the log. Until `token` comes again GitHub takes nothing in it for a command, whatever people wrote into
 * their files; so nobody may be able to guess the token.
 */
export function githubGroup(title: string, text: string, token: string): string {
  return [
    githubCommand('group', {}, title),
    githubCommand('stop-commands', {}, token),
    text.endsWith('\n') ? text : `${text}\n`,
    githubCommand(token, {}, ''),
    githubCommand('endgroup', {}, ''),
  ].join('');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
