import { runCli } from './program';
import { endWithReader } from './render/closed-output';
import { processTerminal } from './render/terminal';

endWithReader(process);

void runCli(process.argv.slice(2), processTerminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
