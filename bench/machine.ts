import { execFile } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { version as sdk } from '@temporalio/worker/package.json';
import { findExecutable } from '../tools/executables';

/** What a run was made on, and with. */
export interface Machine {
  cores: number;
  memoryBytes: number;
  node: string;
  /** Version of Temporal's TypeScript SDK. */
  sdk: string;
  /** What Temporal's command line tool, which brings the server, says of itself. */
  temporal: string;
  /** `2026-01-31` */
  date: string;
}

export async function describeMachine(): Promise<Machine> {
  const { stdout } = await promisify(execFile)(await findExecutable('temporal'), ['--version']);
  return {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    sdk,
    temporal: stdout.trim().replace(/^temporal version /, 'CLI '),
    date: new Date().toISOString().slice(0, 10),
  };
}
