// The last step of the build: it writes a file with all workflows, so that a worker starts without bundling them, one for workers that
// encrypt, and one for workers that export traces. A worker that does both bundles at its start. It does nothing if the files are up to date.
const { writeWorkflowBundle } = require('../dist/worker/workflow-bundle.js');

async function main() {
  for (const choice of [{}, { encrypts: true }, { isTraced: true }]) await writeWorkflowBundle(choice);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
