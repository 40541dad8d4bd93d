import { showsLevel } from '../../src/configuration/log-settings';
import type { JobIdentity, MovedCounts } from '../../src/contract/job-outcome';
import type { PipelineStep } from '../../src/details/pipeline-steps';
import { oneLine } from '../../src/text/control-characters';
import { formatDuration, formatTime, formatVolume } from '../../src/text/formatting';
import { canRedraw, type Paint, painterFor, type Terminal, type TextStream, terminalWidth } from './terminal';
import { textWidth, truncate, wrapSentences } from './terminal-text';
import { WaitingLines } from './waiting-lines';

/** A step of a pipeline, or a connection of a fleet. */
export interface ProgressStep extends Omit<PipelineStep, 'state'> {
  state: PipelineStep['state'] | 'failed' | 'skipped';
  /** Text that changes while the step runs. It replaces the detail on a terminal that can be redrawn. */
  changing?: string | undefined;
}

/** A job, with what it has moved so far. */
export interface ProgressJob extends JobIdentity {
  recordsSynced?: MovedCounts['recordsSynced'] | undefined;
  bytesSynced?: MovedCounts['bytesSynced'] | undefined;
  /** When a worker has read the job; ISO 8601. Undefined if that is not known, or if the job has ended. */
  asOf?: string | undefined;
}

/** The progress of a workflow at one moment. */
export interface ProgressSnapshot {
  steps: ProgressStep[];
  /** Notes for the user; each is shown once. */
  notes?: readonly string[] | undefined;
  job?: ProgressJob | undefined;
  /** The progress as a whole, for a workflow without a single job. */
  summary?: string | undefined;
  /** Why the workflow makes no progress at the moment: `Waiting: no worker …`, `Retrying: …`. */
  waitingFor?: string | undefined;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPINNER_FRAME_MS = 120;
/** In a log file, growing counts are written only at this interval. */
const JOB_LINE_INTERVAL_MS = 10_000;
/** A block that is higher than the terminal cannot be redrawn. */
const MAXIMUM_DRAWN_STEPS = 15;

/**
 * Shows the progress of a workflow: on a terminal as one block that it redraws, elsewhere as plain lines with only the changes.
 * It draws only when it is called and has no timer. Where progress is not shown (`--quiet`), it writes only the notes.
 */
export class ProgressDisplay {
  private readonly stream: TextStream;
  private readonly paint: Paint;
  private readonly isShown: boolean;
  private readonly redraws: boolean;
  private readonly startedAt: number;
  private snapshot: ProgressSnapshot = { steps: [] };
  private drawnLines = 0;
  private suspended = false;
  private reportedSteps = new Map<string, string>();
  private reportedJob: { text: string; statusText: string; at: number } | undefined;
  private readonly waitingLines = new WaitingLines();
  private readonly reportedNotes = new Set<string>();

  constructor(
    terminal: Terminal,
    private readonly now: () => number = Date.now,
  ) {
    this.stream = terminal.stderr;
    this.paint = painterFor(terminal.stderr);
    this.isShown = showsLevel(terminal.logLevel ?? 'info', 'info');
    this.redraws = this.isShown && canRedraw(terminal.stderr, terminal.env);
    this.startedAt = now();
  }

  /** The interval at which to call {@link redraw}, in milliseconds; undefined where nothing is redrawn. */
  get frameMs(): number | undefined {
    return this.redraws ? SPINNER_FRAME_MS : undefined;
  }

  /** Shows new progress. */
  update(snapshot: ProgressSnapshot): void {
    if (!this.isShown) return;
    this.snapshot = snapshot;
    for (const text of snapshot.notes ?? []) {
      if (!this.reportedNotes.has(text)) this.note(oneLine(text));
      this.reportedNotes.add(text);
    }
    if (this.redraws) this.redraw();
    else this.writeChanges(snapshot);
  }

  /** Draws the block again, with the current time and the next frame of the spinner. */
  redraw(): void {
    if (!this.redraws || this.suspended) return;
    const lines = this.block('running');
    this.stream.write(this.eraseSequence() + lines.map((line) => `${line}\n`).join(''));
    this.drawnLines = lines.length;
  }

  /** Writes a permanent line above the block. */
  note(text: string): void {
    this.stream.write(`${this.eraseSequence()}${wrapSentences(text, terminalWidth(this.stream))}\n`);
    this.drawnLines = 0;
    this.redraw();
  }

  /** Erases the block and draws nothing until {@link resume}, so that the command can ask a question. */
  suspend(): void {
    this.stream.write(this.eraseSequence());
    this.drawnLines = 0;
    this.suspended = true;
  }

  resume(): void {
    this.suspended = false;
  }

  /** Draws the final steps, without what matters only while the workflow runs. */
  finish(outcome: 'done' | 'failed' | 'left'): void {
    if (!this.redraws) return;
    const lines = this.block(outcome);
    this.stream.write(this.eraseSequence() + lines.map((line) => `${line}\n`).join(''));
    this.drawnLines = 0;
  }

  /** Moves to the start of the block and erases everything from there. */
  private eraseSequence(): string {
    return this.drawnLines === 0 ? '' : `\u001b[${this.drawnLines}A\r\u001b[J`;
  }

  private block(state: BlockState): string[] {
    const { job, summary, waitingFor } = this.snapshot;
    const { steps, omitted } = selectSteps(
      this.snapshot.steps.filter((step) => state === 'running' || state === 'done' || step.state !== 'to do'),
    );
    const width = Math.max(0, ...steps.map(({ label }) => textWidth(label)));
    const lines = steps.map((step) => {
      const detail = oneLine(step.changing ?? step.detail ?? '');
      return this.line(markOf(step, state), `${step.label.padEnd(width)}  ${detail}`.trimEnd());
    });
    if (omitted > 0) lines.push(this.line('to do', `and ${omitted} more`));
    if (state === 'running') {
      const elapsed = formatDuration(this.now() - this.startedAt);
      const text = [job ? describeJob(job) : (summary ?? 'in progress'), elapsed].join(' · ');
      lines.push(this.line('running', oneLine(text)));
      if (waitingFor !== undefined) lines.push(this.line('attention', oneLine(waitingFor)));
    }
    return lines;
  }

  /** One line, cut to the terminal's width: a line that wraps could not be erased. */
  private line(mark: Mark, text: string): string {
    const fitting = truncate(text, terminalWidth(this.stream) - 3);
    switch (mark) {
      case 'done':
        return `${this.paint('green', '✓')} ${fitting}`;
      case 'failed':
        return `${this.paint('red', '✗')} ${fitting}`;
      case 'running': {
        const frame = Math.floor((this.now() - this.startedAt) / SPINNER_FRAME_MS) % SPINNER.length;
        return `${this.paint('cyan', SPINNER[frame] ?? '·')} ${fitting}`;
      }
      case 'attention':
        return `${this.paint('yellow', '!')} ${this.paint('yellow', fitting)}`;
      default:
        return this.paint('dim', `· ${fitting}`);
    }
  }

  private writeChanges({ steps, job, waitingFor }: ProgressSnapshot): void {
    for (const step of steps) {
      const text = [step.label, step.detail].filter(Boolean).join(': ');
      if (step.state === 'to do' || this.reportedSteps.get(step.label) === step.state + text) continue;
      this.reportedSteps.set(step.label, step.state + text);
      this.stream.write(`${PLAIN_MARKS[step.state]} ${oneLine(text)}\n`);
    }
    if (job) this.writeJobLine(job);
    const line = this.waitingLines.next(waitingFor, this.now());
    if (line !== undefined) this.stream.write(`${oneLine(line)}\n`);
  }

  private writeJobLine(job: ProgressJob): void {
    const text = oneLine(describeJob(job));
    const statusText = `${job.jobId} ${job.status}`;
    const last = this.reportedJob;
    if (last?.text === text) return;
    if (last?.statusText === statusText && this.now() - last.at < JOB_LINE_INTERVAL_MS) return;
    this.reportedJob = { text, statusText, at: this.now() };
    this.stream.write(`· ${text}\n`);
  }
}

type BlockState = 'running' | 'done' | 'failed' | 'left';
type Mark = 'done' | 'failed' | 'running' | 'attention' | 'to do';

const PLAIN_MARKS = { 'to do': '·', running: '·', done: '✓', failed: '✗', skipped: '-' } as const;

function markOf(step: ProgressStep, state: BlockState): Mark {
  if (step.state === 'failed') return 'failed';
  if (step.state === 'skipped') return 'to do';
  if (state === 'done' || step.state === 'done') return 'done';
  if (step.state === 'to do' || state === 'left') return 'to do';
  return state;
}

const STEP_PRIORITY = ['running', 'failed', 'to do', 'done', 'skipped'] as const;

/** Selects the most important steps if there are too many to draw, and keeps their order. */
function selectSteps(steps: ProgressStep[]): { steps: ProgressStep[]; omitted: number } {
  if (steps.length <= MAXIMUM_DRAWN_STEPS) return { steps, omitted: 0 };
  const drawn = new Set(
    STEP_PRIORITY.flatMap((state) => steps.filter((step) => step.state === state)).slice(0, MAXIMUM_DRAWN_STEPS - 1),
  );
  return { steps: steps.filter((step) => drawn.has(step)), omitted: steps.length - drawn.size };
}

/** `job 7 running · 1,204 records · 145.3 kB`. */
export function describeJob(job: ProgressJob): string {
  const { jobId, status, asOf } = job;
  const volume = formatVolume(job);
  const time = volume && asOf !== undefined ? `as of ${formatTime(Date.parse(asOf))}` : '';
  return [`job ${jobId} ${status}`, volume, time].filter(Boolean).join(' · ');
}
