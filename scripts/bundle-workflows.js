// The last step of the build: one file with all workflows, so that a worker starts without compiling them. When nothing
// has changed it does nothing.
const { writeWorkflowBundle } = require('../dist/worker/workflow-bundle.js');

writeWorkflowBundle().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
