import type { Trial } from '../../model/trial.ts';

/** What becomes of what is on trial, when, and what a person can do about it. */
export function trialText({ state, auto, deadline, generation }: Trial): string {
  switch (state) {
    case 'applying':
      return `generation ${generation} returns at ${deadline}; bootstrap rollback is quicker`;
    case 'open':
      return `on trial until ${deadline}: bootstrap confirm keeps it${auto ? ', and so do heartbeats that all pass till then' : ''}, else generation ${generation} returns`;
    case 'confirmed':
      return 'confirmed';
    case 'returning':
      return `it was not confirmed in time: generation ${generation} returns`;
  }
}
