// What a server reads from git: real repositories on disk, and whatever somebody may have put into them.
import { expect, test } from 'vitest';
import { createRepository, lookAt, seen } from './repository.ts';

test('smoke', async (context) => {
  const repository = createRepository(context);
  const a = repository.push({ 'site.yaml': 'a\n' });
  console.time('1');
  console.log(seen(await lookAt(repository)));
  console.timeEnd('1');
  console.time('2');
  console.log(seen(await lookAt(repository, { since: a })));
  console.timeEnd('2');
  const b = repository.push({ 'site.yaml': 'b\n' });
  console.time('3');
  console.log(await lookAt(repository, { since: a }));
  console.timeEnd('3');
  repository.git('reset', '--hard', a);
  const c = repository.push({ 'site.yaml': 'c\n' });
  console.log(await lookAt(repository, { since: b }));
  const { execFileSync } = await import('node:child_process');
  console.log(
    execFileSync(
      'sh',
      ['-c', 'find . -type f | xargs ls -la; ls -lad . * ; cat config; cat shallow || true'],
      {
        cwd:
          repository.root +
          '/var/bootstrap/source/' +
          (await import('node:fs')).readdirSync(repository.root + '/var/bootstrap/source')[0],
        encoding: 'utf8',
      },
    ),
  );
});
