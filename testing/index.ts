/** Helpers for the tests of workflows that use temporal-airbyte, on `@temporalio/testing`: see docs/testing.md. */
export { airbyteFailure, MockedAirbyte, type MockedAirbyteOptions, type MockedCall } from './mocked-airbyte';
export type { MockedJob, StartedJob } from './mocked-jobs';
export { type Simulation, startTestSandbox, type TestSandbox } from './sandbox';
