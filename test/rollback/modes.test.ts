import { runTable } from './outcomes.ts';

runTable('test/rollback/modes.yaml');
