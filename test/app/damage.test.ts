// Which files a doctor would set aside.
import { expect, test } from 'vitest';
import { damaged } from '../../src/app/damage.ts';
import { unreadable } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';

const path = hostPath('', '/var/bootstrap/generations/1.json');
const setAsideFor = (why: string, isWhole = false) =>
  damaged(path, unreadable(why), { isWhole, after: 'it is gone' }).map(({ remedy, repair }) => [
    remedy,
    repair?.setAside,
  ]);

test('what is damaged, but not what only others may read, or a newer bootstrap', () => {
  expect(setAsideFor('it is damaged (not JSON)')).toEqual([['set it aside; it is gone', path]]);
  expect(setAsideFor(`${path}: permission denied`)).toEqual([['look as root', undefined]]);
  expect(setAsideFor('permission denied; make it readable')).toEqual([['look as root', undefined]]);
  expect(setAsideFor('its format is 2', true)).toEqual([
    ['use the bootstrap that wrote it', undefined],
  ]);
});
