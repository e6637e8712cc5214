import { runTable } from './outcomes.ts';

runTable('test/rollback/heartbeats.yaml');
