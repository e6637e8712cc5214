import type { SourceTrouble } from '../../model/failure.ts';
import type { Distrust, SignatureFault } from '../../model/distrust.ts';
import { endText, words, type FailureWords } from './failure-words.ts';

/** Why a git remote could not be read, as the end of a sentence. */
export function sourceTroubleText(trouble: SourceTrouble): string {
  switch (trouble.why) {
    case 'git':
      return `git ${trouble.command} ${endText(trouble.end)}`;
    case 'no-ref':
      return `it has no branch or tag ${trouble.ref}`;
    case 'no-commit':
      return `${trouble.ref} is no commit`;
  }
}

/** Why a desired state is not taken, and what to do about it. */
export function distrustWords(distrust: Distrust): FailureWords {
  switch (distrust.why) {
    case 'signature':
      return words(
        `commit ${distrust.commit} ${FAULTS[distrust.fault].is}`,
        FAULTS[distrust.fault].fix,
        distrust.tail,
      );
    case 'no-signers':
      return words(
        `nothing says whose signatures count: neither ${distrust.places.join(' nor ')} is there`,
        'name the signers in one of them, for ssh keys as in ssh-keygen(1), "ALLOWED SIGNERS"',
      );
    case 'rewritten':
      return words(
        `history was rewritten: commit ${distrust.commit} does not follow ${distrust.since}, which was applied last`,
        `if that is meant: bootstrap trust reset --to ${distrust.commit}`,
      );
    case 'floor-moved':
      return words('the trusted commit was changed meanwhile: nothing was done', 'try again');
    case 'serial-lower':
      return words(
        `metadata.serial is ${distrust.serial}, lower than ${distrust.recorded}, which was applied already`,
        'give the file a higher one; if going back is meant: bootstrap trust reset --to COMMIT',
      );
    case 'serial-missing':
      return words(
        `metadata.serial is missing: ${distrust.recorded} was applied already`,
        'give the file a serial from there on; to do without: bootstrap trust reset --to COMMIT',
      );
    case 'serial-leap':
      return words(
        `metadata.serial leaps from ${distrust.recorded} to ${distrust.serial}: soon there would be no higher one`,
        'give the file a smaller one; if it is meant: bootstrap trust reset --to COMMIT',
      );
    case 'expired':
      return words(
        `the desired state ended at ${distrust.expires} (metadata.expires)`,
        'write a newer one; if there is one, somebody may be keeping it from this server',
      );
    case 'other-machine':
      return words(
        `the desired state is for the machine ${distrust.machineId} (metadata.machineId), ${
          distrust.here === undefined
            ? `and ${distrust.place} says of none that it is this one`
            : `this one is ${distrust.here}`
        }`,
        'take the file of this machine',
      );
  }
}

const FAULTS: Readonly<Record<SignatureFault, { readonly is: string; readonly fix: string }>> = {
  unsigned: { is: 'is not signed', fix: 'sign it: git commit --amend --no-edit -S' },
  'unknown-signer': {
    is: 'is signed with a key that nobody named',
    fix: 'if you know whose it is, add it to /etc/bootstrap/allowed_signers, or to the keys in /etc/bootstrap/gnupg',
  },
  expired: {
    is: 'is signed with a key that was not valid at its time',
    fix: 'have it signed with a key that is, or give this one more time where it is named',
  },
  revoked: {
    is: 'is signed with a key that was revoked',
    fix: 'find out who used it; have the commit signed with another one',
  },
  bad: {
    is: 'bears a signature that does not hold: changed after it was signed, or signed with a key named for other things',
    fix: 'find out who made it so, and take nothing from there until you have',
  },
  unchecked: {
    is: 'bears a signature that could not be checked',
    fix: 'see that ssh-keygen or gpg, whichever it takes, is installed',
  },
};
