import { runTable } from './outcomes.ts';

runTable('test/rollback/crashes.yaml');
