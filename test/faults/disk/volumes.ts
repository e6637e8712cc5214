// File systems of a test's own, mounted where the test says. Root only, and CAP_SYS_ADMIN.
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';

/** A mounted file system. */
export interface Volume {
  /** `ro` or `rw`. */
  remount(how: 'ro' | 'rw'): void;
  /** Unmounts it; harmless when repeated. */
  end(): void;
}

const mounted = new Set<Volume>();
process.once('exit', () => {
  for (const volume of mounted) volume.end();
});

/** Memory of so many KiB. */
export function mountMemory(folder: string, sizeKib: number): Volume {
  return mount(folder, ['-t', 'tmpfs', '-o', `size=${sizeKib}k,mode=0755`, 'bootstrap-test']);
}

/** A file as a disk. What was not synced stays in memory: nothing is written by itself while a test runs. */
export function mountImage(folder: string, image: string): Volume {
  return mount(folder, ['-t', 'ext4', '-o', 'loop,commit=300', image]);
}

/** Makes a file with an empty ext4 in it. */
export function makeImage(image: string, sizeMib: number): void {
  const file = openSync(image, 'wx');
  ftruncateSync(file, sizeMib * 2 ** 20);
  closeSync(file);
  run('mkfs.ext4', ['-q', '-F', image]);
}

/** What a power cut now would leave of an image. */
export function copyImage(image: string, to: string): void {
  run('cp', ['--sparse=always', image, to]);
}

/** mkfs is in no user's PATH. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function mount(folder: string, argv: readonly string[]): Volume {
  if (process.getuid?.() !== 0)
    throw new Error('this test mounts file systems, which takes root. Run: sudo npm test');
  run('mount', [...argv, folder]);
  const volume: Volume = {
    remount: (how) => run('mount', ['-o', `remount,${how}`, folder]),
    end() {
      if (mounted.delete(volume)) run('umount', [folder]);
    },
  };
  mounted.add(volume);
  return volume;
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'pipe', env: ENVIRONMENT });
}
