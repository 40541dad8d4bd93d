import type { Machine } from '../machine';
import { type Column, markdownTable } from '../markdown';
import { mebibytes } from '../requirements';
import { hasHeld, takeoverSeconds } from './judge';
import type { TortureResult } from './torture';

/** How many findings of a case the report shows. */
const FINDINGS_TOLD = 10;

const COLUMNS: readonly Column<TortureResult>[] = [
  { header: 'case', cell: ({ name }) => name },
  { header: 'syncs', cell: ({ syncs }) => String(syncs) },
  { header: 'jobs', cell: ({ jobs }) => String(jobs) },
  { header: 'doubled', cell: ({ doubled }) => String(doubled) },
  { header: 'lost', cell: ({ lost }) => String(lost) },
  { header: 'left running', cell: ({ leftRunning }) => String(leftRunning) },
  { header: 'leaked', cell: ({ leaked }) => String(leaked) },
  { header: 'taken over', cell: ({ takenOver }) => String(takenOver) },
  { header: 'p99 s', cell: takeoverSeconds },
  { header: 'seconds', cell: ({ wallSeconds }) => wallSeconds.toFixed(0) },
  { header: 'seed', cell: ({ seed }) => String(seed) },
  { header: 'verdict', cell: (result) => (hasHeld(result) ? 'held' : 'FAILED') },
];

/** The table alone. */
export function tortureTable(results: readonly TortureResult[]): string {
  return markdownTable(COLUMNS, results);
}

/** All that a run has found, as Markdown. */
export function describeTorture(machine: Machine, results: readonly TortureResult[]): string {
  const { cores, memoryBytes, node, sdk, temporal, date } = machine;
  const failed = results.filter((result) => !hasHeld(result));
  return [
    `Run on ${date}: ${cores} cores, ${mebibytes(memoryBytes)} of memory, Node ${node}, Temporal SDK ${sdk}, Temporal ${temporal}.`,
    tortureTable(results),
    MEANING,
    HISTORY,
    results.map(({ name, does }) => `- **${name}:** ${does}.`).join('\n'),
    ...failed.map(describeFindings),
  ].join('\n\n');
}

const MEANING =
  'Doubled: jobs beyond the first of a connection. Lost: syncs that did not end, or told another outcome than that of their job. Left running: jobs that go ' +
  "on after all syncs have ended. Leaked: histories and lines of the workers' logs that have the token which Airbyte asks for, as it is, in base64 or in " +
  'hexadecimal digits. Taken over: waits that a second worker had, because the first one died or shut down; how long after their jobs they ended is in the column of p99. A sync that several callers ask for under one workflow id is counted once.';

const HISTORY =
  'Three of these cases are here because they once failed: frozen workers started 12 jobs too many in 120 syncs, each of 10 syncs whose response was lost ran twice, ' +
  'and a single odd response failed a sync for good. The others held from the start. What is done to the syncs:';

function describeFindings({ name, findings }: TortureResult): string {
  const told = findings.slice(0, FINDINGS_TOLD).map((finding) => `- ${finding}`);
  const more = findings.length - told.length;
  return [`What failed in ${name}:`, '', ...told, ...(more > 0 ? [`- and ${more} more.`] : [])].join('\n');
}
