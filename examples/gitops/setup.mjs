// node setup.mjs DIR: a server in DIR/server, and in DIR/repository the git repository that says what it shall run.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { asProgram } from '../folder.mjs';
import { setUpQuickstart } from '../quickstart/setup.mjs';

const EXAMPLE = dirname(fileURLToPath(import.meta.url));
const BOOTSTRAP = resolve(EXAMPLE, '../../dist/bootstrap.cjs');
const IN_REPOSITORY = ['desired-state.yaml', '.github', '.gitlab-ci.yml'];
const GIT_TIMEOUT_MS = 30_000;

/**
 * Puts into `dir`: `server`, the quickstart's, ready for its first apply; `repository`, one commit on main with this example's files and
 * the server's ports; `bin/bootstrap`, which works on that server. Rejects with an error that says what to do where one of them is there.
 */
export async function setUpGitops(dir) {
  const { root, ports } = await setUpQuickstart(join(dir, 'server'));
  // What it shall run stands in the repository, and nowhere else.
  rmSync(join(root, 'desired-state.yaml'));
  const repository = makeRepository(join(root, '../repository'), ports);
  const bin = makeProgram(join(root, '../bin'), root);
  return { root, repository, bin, ports };
}

function makeRepository(folder, ports) {
  mkdirSync(folder);
  for (const name of IN_REPOSITORY) {
    cpSync(join(EXAMPLE, name), join(folder, name), { recursive: true });
  }
  const file = join(folder, 'desired-state.yaml');
  const text = readFileSync(file, 'utf8')
    .replace(/\b1808[01]\b/gu, (port) => (port === '18080' ? ports.store : ports.web))
    .replace(/(?<=\$schema=)\S+/u, (schema) => resolve(EXAMPLE, schema));
  writeFileSync(file, text);

  const git = (...args) => execFileSync('git', args, { cwd: folder, timeout: GIT_TIMEOUT_MS });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Operator');
  git('config', 'user.email', 'operator@localhost');
  git('config', 'commit.gpgsign', 'false');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'What web-1 shall run');
  return folder;
}

function makeProgram(folder, root) {
  const words = [process.execPath, BOOTSTRAP, '--root', root].map(quoted).join(' ');
  mkdirSync(folder);
  writeFileSync(join(folder, 'bootstrap'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return folder;
}

function quoted(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

await asProgram(import.meta.url, async (dir) => {
  const { repository, bin, ports } = await setUpGitops(dir);
  return `cd ${repository} && export PATH=${bin}:$PATH
Once the server runs, its page is http://127.0.0.1:${ports.web}/`;
});
