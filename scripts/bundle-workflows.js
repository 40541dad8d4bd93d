// The last step of the build: it writes one file with all workflows, so that a worker starts without bundling them. It does
// nothing if that file is up to date.
const { writeWorkflowBundle } = require('../dist/worker/workflow-bundle.js');

writeWorkflowBundle().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
