import { runTable } from './outcomes.ts';

runTable('test/rollback/policies.yaml');
