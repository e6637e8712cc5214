import { runTable } from './outcomes.ts';

runTable('test/rollback/settings.yaml');
