import {
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';

type Definition = Omit<ScheduleUpdateOptions, 'state'> & { state?: ScheduleOptions['state'] };

/** The schedules of a Temporal server, in memory: they start nothing. */
export class ScriptedSchedules {
  readonly stored = new Map<string, ScheduleDescription>();
  /** What was done, in order: `create airbyte-schedule:c`. */
  readonly calls: string[] = [];
  /** The error of the next read of a schedule. */
  onDescribe: (() => never) | undefined;
  /** The error of the next change. */
  onChange: (() => never) | undefined;

  get client(): ScheduleClient {
    const create = async ({ scheduleId, ...definition }: ScheduleOptions) => {
      if (this.stored.has(scheduleId)) throw new ScheduleAlreadyRunning('Schedule already exists', scheduleId);
      this.changing('create', scheduleId);
      this.stored.set(scheduleId, described(scheduleId, definition));
    };
    const getHandle = (scheduleId: string) => ({
      describe: async () => {
        const { onDescribe } = this;
        this.onDescribe = undefined;
        onDescribe?.();
        return this.get(scheduleId);
      },
      update: async (change: (previous: ScheduleDescription) => ScheduleUpdateOptions) => {
        const definition = change(this.get(scheduleId));
        this.changing('update', scheduleId);
        this.stored.set(scheduleId, described(scheduleId, definition));
      },
      delete: async () => {
        this.get(scheduleId);
        this.changing('delete', scheduleId);
        this.stored.delete(scheduleId);
      },
    });
    return { create, getHandle } as unknown as ScheduleClient;
  }

  private get(scheduleId: string): ScheduleDescription {
    const schedule = this.stored.get(scheduleId);
    if (!schedule) throw new ScheduleNotFoundError('Schedule not found', scheduleId);
    return schedule;
  }

  private changing(what: string, scheduleId: string): void {
    const { onChange } = this;
    this.onChange = undefined;
    onChange?.();
    this.calls.push(`${what} ${scheduleId}`);
  }
}

/** What a server makes of a definition, as far as this project reads it: a cron expression becomes a calendar. */
function described(scheduleId: string, { spec, action, policies, state, typedSearchAttributes }: Definition) {
  const calendars = (spec.cronExpressions ?? []).map((cron) => ({ comment: cron.split('# ')[1] }));
  const intervals = (spec.intervals ?? []).map(({ every, offset = 0 }) => ({ every, offset }));
  const attributes = Array.isArray(typedSearchAttributes) ? typedSearchAttributes : [];
  return {
    scheduleId,
    spec: { calendars, intervals, jitter: spec.jitter, timezone: spec.timezone },
    action,
    policies,
    state: { paused: state?.paused === true, note: state?.note },
    typedSearchAttributes: new TypedSearchAttributes(attributes),
  } as unknown as ScheduleDescription;
}
