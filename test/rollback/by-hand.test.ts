import { runTable } from './outcomes.ts';

runTable('test/rollback/by-hand.yaml');
