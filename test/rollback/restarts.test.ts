import { runTable } from './outcomes.ts';

runTable('test/rollback/restarts.yaml');
