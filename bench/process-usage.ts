import { readFile } from 'node:fs/promises';
import type { SupervisedProcess } from '../tools/supervised-process';

/** The kernel's clock rate, per second, as it reports it to programs; the same on every Linux (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** What a process has used since it started, all its threads together. */
export interface ProcessUsage {
  /** In user and kernel mode. */
  cpuSeconds: number;
  /** The most memory it has ever had resident. */
  peakRssBytes: number;
}

/** @throws Error where there is no `/proc`, and when the process has ended */
async function readUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // The second field is the program's name in parentheses, which may hold blanks: the fields behind it count from 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[14 - 3]), Number(fields[15 - 3])];
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(status);
  if (peak === null) throw new Error(`Process ${pid} has ended, so its memory cannot be read`);
  return { cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND, peakRssBytes: Number(peak[1]) * 1024 };
}

/**
 * What a process uses while something is done.
 *
 * @throws Error with the process's last words when it ends meanwhile
 */
export async function usageDuring<T>(
  child: SupervisedProcess,
  work: () => Promise<T>,
): Promise<{ result: T; usage: ProcessUsage }> {
  const { pid = 0 } = child;
  const before = await readUsage(pid);
  const ended = child.exited.then(({ code, signal }) => {
    throw new Error(`The measured process ended (${signal ?? code}):\n${child.outputTail}`);
  });
  const result = await Promise.race([work(), ended]);
  const { cpuSeconds, peakRssBytes } = await readUsage(pid);
  return { result, usage: { cpuSeconds: cpuSeconds - before.cpuSeconds, peakRssBytes } };
}
