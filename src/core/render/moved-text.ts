import type { Moved } from '../../model/saved-plan.ts';

/** Something that a saved plan rests on and that moved, in words. */
export function movedText({ input, name, how }: Moved): string {
  switch (input) {
    case 'host':
      return `host: the plan was made on ${name}`;
    case 'action':
      return `action ${name}: the plan did not say it`;
    case 'bootstrap':
      return 'bootstrap: this version plans otherwise';
    case 'desired':
    case 'ini':
    case 'scripts':
    case 'templates':
    case 'schemas':
    case 'facts':
      return `${input} ${name}: ${how === 'new' ? 'was not there' : `is ${how}`}`;
  }
}
