// What the rows of an action are called that are no settings.
const OTHER_ROWS: ReadonlySet<string> = new Set([
  'version',
  'repository',
  'protect',
  'config-file',
  'config-owner',
  'config-group',
  'config-mode',
]);

/** How an action names a setting: by its path, told apart from the rows that are no settings. */
export function settingLabel(path: readonly string[]): string {
  const name = path.join('.');
  return OTHER_ROWS.has(name) ? `settings.${name}` : name;
}
