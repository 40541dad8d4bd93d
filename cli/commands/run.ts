import type { Command } from 'commander';
import { readRunnableDocument } from '../../src/documents/parse-document';
import { CliError } from '../cli-error';
import {
  type CommandContext,
  outputOf,
  withJson,
  withOnInterrupt,
  withTakeOver,
  withTakeOverOf,
  withTemporal,
  withYes,
} from '../command-context';
import { applyFleet } from '../follow/fleet-schedule';
import type { InterruptChoice } from '../follow/interruption';
import { confirmChanges } from '../follow/plan-documents';
import { runFleet } from '../follow/run-fleet-document';
import { describeRun, runDocument } from '../follow/run-pipeline-document';
import { describeFleetChanges } from '../render/changes-presentation';

interface RunOptions {
  json?: boolean;
  onInterrupt?: InterruptChoice;
  yes?: boolean;
  takeOver?: boolean;
}

export function addRunCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .summary('apply a pipeline document and sync it, or sync a fleet')
    .description(
      'Applies a pipeline document (creates or updates its source, destination and connection), then syncs the connection. Re-running applies only the differences; on a terminal, it shows them first and asks. For a fleet document, sets up its schedule, and syncs its connections in the order of their dependencies.',
    )
    .argument('<file>', 'pipeline or fleet document, YAML or JSON')
    .action(async (file: string, options: RunOptions) => {
      const output = outputOf(context, options);
      const { onInterrupt, takeOver = false, yes = false } = options;
      const { kind, document } = await readRunnableDocument(file);
      if (kind === 'fleet') {
        if (takeOver) throw CliError.badInput('--take-over: a fleet changes nothing that could be taken over.');
        await confirmChanges(output, [{ kind, document }], yes);
        await withTemporal(context.terminal.env, async (temporal) => {
          const changes = await applyFleet(temporal, output, document);
          if (changes.changes) for (const line of describeFleetChanges(changes, output.paintNote)) output.note(line);
        });
        output.note(
          `Syncing the fleet '${document.name}' in Temporal, which continues it after crashes and restarts; this terminal only shows the progress.`,
        );
        await runFleet({ output, document, onInterrupt });
        return;
      }
      const pipeline = withTakeOverOf(document, { takeOver });
      await confirmChanges(output, [{ kind, document: pipeline }], yes);
      output.note(
        `Running the pipeline '${document.name}' in Temporal, which continues it after crashes and restarts; this terminal only shows the progress.`,
      );
      const result = await runDocument({ output, document: pipeline, onInterrupt });
      output.result(result, () => describeRun(pipeline, result, output.paintResult));
    });
  withYes(command, 'change without asking (default: show the plan and ask, on a terminal)');
  withTakeOver(withOnInterrupt(withJson(command)));
}
