#!/usr/bin/env node
import { runCommandLine } from './wire.ts';

// A reader that has seen enough, such as head, closes the pipe.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await runCommandLine(process.argv.slice(2), { out: process.stdout, problems: process.stderr });
