// A disk on which one call goes wrong.
import type { Disk } from '../../../src/host/disk.ts';
import { fail } from './memory-disk.ts';
import { tappedDisk, type Call } from './tapped-disk.ts';

/** How a call goes wrong: with an error, a write that takes half and says so, or one that keeps half and says it took all. */
export const FAULTS = ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'short write', 'lying write'] as const;
/** A way to go wrong. */
export type Fault = (typeof FAULTS)[number];

/** Which call it is that goes wrong; of write faults only writes are counted. */
export interface FaultPlan {
  readonly fault: Fault;
  readonly call: number;
  /** True: so does every one after it. */
  readonly stays: boolean;
}

/** A disk that will fail. */
export interface FailingDisk extends Disk {
  /** The calls that went wrong. */
  readonly failed: readonly Call[];
}

/** The disk, with that fault. */
export function failingDisk(disk: Disk, { fault, call, stays }: FaultPlan): FailingDisk {
  const failed: Call[] = [];
  let calls = 0;
  const isHit = (name: Call): boolean => {
    calls += 1;
    const hit = stays ? calls >= call : calls === call;
    if (hit) failed.push(name);
    return hit;
  };
  if (fault === 'short write' || fault === 'lying write') {
    const write: Disk['write'] = (file, bytes, offset) => {
      if (!isHit('write')) return disk.write(file, bytes, offset);
      const half = offset + Math.ceil((bytes.length - offset) / 2);
      const taken = disk.write(file, bytes.subarray(0, half), offset);
      return fault === 'short write' ? taken : bytes.length - offset;
    };
    return { ...disk, write, failed };
  }
  const tapped = tappedDisk(disk, (name, run) => (isHit(name) ? fail(fault, name) : run()));
  return { ...tapped, failed };
}
