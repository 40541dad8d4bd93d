// The last step of the build: it writes a file with all workflows, so that a worker starts without bundling them; one for workers that
// encrypt, one for workers that export traces, and one for workers that do both. It does nothing if the files are up to date.
const { writeWorkflowBundle } = require('../dist/worker/workflow-bundle.js');

async function main() {
  for (const encrypts of [false, true]) {
    for (const isTraced of [false, true]) await writeWorkflowBundle({ encrypts, isTraced });
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
