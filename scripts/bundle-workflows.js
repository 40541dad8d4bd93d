// The last step of the build: it writes one file with all workflows, so that a worker starts without bundling them, and another
// one for workers that encrypt. It does nothing if the files are up to date.
const { FAILURE_CONVERTER_PATH } = require('../dist/src/encryption/data-converter.js');
const { ENCRYPTING_BUNDLE_PATH, WORKFLOWS_PATH, writeWorkflowBundle } = require('../dist/worker/workflow-bundle.js');

async function main() {
  await writeWorkflowBundle();
  await writeWorkflowBundle(WORKFLOWS_PATH, ENCRYPTING_BUNDLE_PATH, FAILURE_CONVERTER_PATH);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
