import type { MigrationsDocument } from '../../../services/shared/contracts/services/migrations.ts';
import type { StackContext } from '../stack-context.ts';
import { postgresPart, stackPart } from './settings-parts.ts';

export function buildMigrationsSettings(context: StackContext): MigrationsDocument {
  return { stack: stackPart(context), postgres: postgresPart(context, 'migrations') };
}
