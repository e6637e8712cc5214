import { runTable } from './outcomes.ts';

runTable('test/rollback/scripts.yaml');
