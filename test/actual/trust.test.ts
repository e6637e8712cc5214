import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuseScripts } from '../../src/actual/trust.ts';
import { createFiles } from '../../src/host/files.ts';
import { createProcesses } from '../../src/host/processes.ts';
import type { ScriptRefusal } from '../../src/model/failure.ts';
import { hostPath } from '../../src/model/ids.ts';

const machine = { files: createFiles(), processes: createProcesses() };
let folder: string;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'bootstrap-trust-')));
  put('bin/python', '', 0o755);
  put('bin/readme', '', 0o644);
  fs.mkdirSync(join(folder, 'bin/folder'));
  put('more/readme', '', 0o755);
  put('bin/notes', '', 0o644);
  put('tool', '', 0o755);
  put('myenv', '', 0o755);
  put('text', '', 0o644);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text: string | Buffer, mode: number): void {
  const path = join(folder, name);
  fs.mkdirSync(join(path, '..'), { recursive: true });
  fs.writeFileSync(path, text);
  fs.chmodSync(path, mode);
}

/** What is said of an executable file that holds this text; HERE is its folder, in both. */
function refusalsOf(text: string | Buffer): readonly ScriptRefusal[] {
  put('script', typeof text === 'string' ? text.replaceAll('HERE', folder) : text, 0o755);
  const refusals = refuseScripts(machine, {
    paths: [hostPath('', join(folder, 'script'))],
    searchPath: `${folder}/bin:${folder}/no-such-folder:${folder}/more`,
  });
  return refusals.map(({ path, why, fix }) => {
    const [shownPath = '', shownWhy = '', shownFix = ''] = [path, why, fix].map((words) =>
      words.replaceAll(folder, 'HERE'),
    );
    return { path: shownPath, why: shownWhy, fix: shownFix };
  });
}

const LONG_NAME = `HERE/${'x'.repeat(256)}`;
const CORRECT = 'correct the first line of HERE/script';
const WITHOUT_CR = String.raw`sed -i 's/\r$//' HERE/script`;
const ADD_FOLDER = 'add its folder to path in the section [bootstrap] of bootstrap.ini';
const PATH_SHOWN = 'HERE/bin:HERE/no-such-folder:HERE/more';

describe('a program that can be run:', () => {
  test.each([
    ['an ELF program', Buffer.from('\x7fELF\x02')],
    ['a script', '#!/bin/sh\n'],
    ['blanks around the interpreter', '#! \t /bin/sh \t \n'],
    ['an argument', '#!HERE/tool -x -y\n'],
    ['no end of the line', '#!HERE/tool'],
    ['a line that a NUL ends', '#!HERE/tool\0rest'],
    ['a path from the root', `#!bin/sh\n`],
    ['an argument that is too long', `#!HERE/tool ${'x'.repeat(300)}\n`],
    ['a CR after an argument is a matter of the interpreter', '#!HERE/tool -w\r\n'],
    ['env', '#!/usr/bin/env python\n'],
    ['env, with blanks at the end', '#!/usr/bin/env python \t\n'],
    ['what is not env', '#!HERE/myenv pyhton\n'],
    ['env, in a folder after one whose file is not executable', '#!/usr/bin/env readme\n'],
    ['env, a path', '#!/usr/bin/env HERE/tool\n'],
    ['env -S, with arguments', '#!/usr/bin/env -S python -u\n'],
    ['env -S, without a blank', '#!/usr/bin/env -Spython -u\n'],
    ['env --split-string', '#!/usr/bin/env --split-string=python -u\n'],
    ['env -S, after a variable', '#!/usr/bin/env -S A=b C=d python -u\n'],
    ['env -S takes a CR for a blank', '#!/usr/bin/env -S python\r\n'],
    ['another PATH than ours', '#!/usr/bin/env -S PATH=/opt/x nowhere\n'],
    ['options of env', '#!/usr/bin/env -i\n'],
    ['options of env after -S', '#!/usr/bin/env -S -i nowhere\n'],
    ['quotes for env', '#!/usr/bin/env -S "nowhere"\n'],
    ['a variable for env', '#!/usr/bin/env -S ${HOME}/nowhere\n'],
    ['only variables for env', '#!/usr/bin/env A=b\n'],
    ['env alone', '#!/usr/bin/env\n'],
    ['env, cut off where Linux reads no more', `#!/usr/bin/env ${'x'.repeat(300)}\n`],
  ])('%s', (_, text) => {
    expect(refusalsOf(text)).toEqual([]);
  });

  test.each(['\n', ' -x\n', ''])('a line just as long as Linux reads, then %j', (rest) => {
    const text = `#!${'/'.repeat(247)}bin/sh`;
    expect([text.length, refusalsOf(`${text}${rest}`)]).toEqual([255, []]);
  });
});

describe('a program that cannot:', () => {
  test.each([
    [
      'no such interpreter',
      '#!/usr/bin/pyhton3 -u\n',
      'its interpreter /usr/bin/pyhton3 does not exist',
      `install it, or ${CORRECT}`,
    ],
    [
      'line ends of Windows',
      '#!/bin/sh\r\necho\r\n',
      String.raw`its first line ends in CR, and there is no "/bin/sh\r"`,
      WITHOUT_CR,
    ],
    [
      'line ends of Windows, env',
      '#!/usr/bin/env python\r\n',
      String.raw`its first line ends in CR, and there is no "python\r"`,
      WITHOUT_CR,
    ],
    [
      'not executable',
      '#!HERE/text\n',
      'its interpreter HERE/text is not executable (0644)',
      'chmod 0755 HERE/text',
    ],
    ['a folder', '#!HERE/bin\n', 'its interpreter HERE/bin is not a regular file', CORRECT],
    [
      'a path through a file',
      '#!HERE/text/sh\n',
      'its interpreter HERE/text/sh does not exist',
      `install it, or ${CORRECT}`,
    ],
    [
      'an interpreter that cannot be looked at',
      '#!HERE/loop\n',
      'its interpreter cannot be run: HERE/loop: too many symbolic links encountered',
      CORRECT,
    ],
    [
      'a bare name: there is no PATH for it',
      '#!python\n',
      'its interpreter python does not exist',
      `install it, or ${CORRECT}`,
    ],
    ['nothing after #!', '#! \t\nHERE/tool\n', 'its first line names no interpreter', CORRECT],
    [
      'an interpreter that is cut off',
      `#!${LONG_NAME}\n`,
      'its first line is longer than 255 bytes',
      CORRECT,
    ],
    [
      'no such env',
      '#!HERE/bin/env python\n',
      'its interpreter HERE/bin/env does not exist',
      `install it, or ${CORRECT}`,
    ],
    [
      'env, no such program',
      '#!/usr/bin/env pyhton\n',
      `env finds no program "pyhton" in ${PATH_SHOWN}`,
      `install pyhton, or ${ADD_FOLDER}`,
    ],
    [
      'env, only a folder of this name',
      '#!/usr/bin/env folder\n',
      `env finds no program "folder" in ${PATH_SHOWN}`,
      `install folder, or ${ADD_FOLDER}`,
    ],
    [
      'env, only a file that is not executable',
      '#!/usr/bin/env notes\n',
      `env finds no program "notes" in ${PATH_SHOWN}`,
      `install notes, or ${ADD_FOLDER}`,
    ],
    [
      'env, no such path',
      '#!/usr/bin/env HERE/none\n',
      'its interpreter HERE/none does not exist',
      `install it, or ${CORRECT}`,
    ],
    [
      'env -S, no such program',
      '#!/usr/bin/env -S A=b pyhton -u\n',
      `env finds no program "pyhton" in ${PATH_SHOWN}`,
      `install pyhton, or ${ADD_FOLDER}`,
    ],
    ...['-S', '--split-string='].map((option) => [
      `env ${option}, without a blank`,
      `#!/usr/bin/env ${option}pyhton -u\n`,
      `env finds no program "pyhton" in ${PATH_SHOWN}`,
      `install pyhton, or ${ADD_FOLDER}`,
    ]),
    [
      'env, arguments without -S',
      '#!/usr/bin/env python -u\n',
      `env finds no program "python -u" in ${PATH_SHOWN}`,
      'write env -S python -u in the first line of HERE/script',
    ],
    [
      'neither a script nor a program',
      'echo hello\n',
      'it begins with neither #! nor an ELF header',
      'add a first line to HERE/script, such as #!/bin/sh',
    ],
  ])('%s', (_, text, why, fix) => {
    fs.symlinkSync('loop', join(folder, 'loop'));
    expect(refusalsOf(text)).toEqual([{ path: 'HERE/script', why, fix }]);
  });

  test('a line one byte longer than Linux reads', () => {
    const text = `#!${'/'.repeat(248)}bin/sh`;
    expect([text.length, refusalsOf(`${text}\n`)[0]?.why]).toEqual([
      256,
      'its first line is longer than 255 bytes',
    ]);
  });
});

test('many scripts: each is looked at', () => {
  put('one', '#!/no/such\n', 0o755);
  put('two', '#!/bin/sh\n', 0o644);
  const paths = ['one', 'none', 'two', 'tool'].map((name) => hostPath('', join(folder, name)));
  const refusals = refuseScripts(machine, { paths, searchPath: '/bin' });
  expect(refusals.map(({ path, why }) => [path.slice(folder.length + 1), why])).toEqual([
    ['one', 'its interpreter /no/such does not exist'],
    ['none', 'there is no such script'],
    ['two', 'it is not executable (0644)'],
    ['tool', 'it begins with neither #! nor an ELF header'],
  ]);
});
