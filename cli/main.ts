import { runCli } from './program';
import { exitOnClosedOutput } from './render/closed-output';
import { processTerminal } from './render/terminal';

exitOnClosedOutput(process);

void runCli(process.argv.slice(2), processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
