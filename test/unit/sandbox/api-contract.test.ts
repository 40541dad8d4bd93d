import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithDocuments, openApiDocuments } from '../../support/openapi';
import { type ApiAnswer, type ApiCaller, startCaller } from './api-caller';

describeWithDocuments('the sandbox keeps to the documents of Airbyte', () => {
  let caller: ApiCaller;
  const answers: { call: string; request: unknown; answer: ApiAnswer }[] = [];

  const ask = async (call: string, request: unknown = {}): Promise<ApiAnswer['body']> => {
    const answer = await caller.answer(call, request);
    answers.push({ call, request, answer });
    return answer.body;
  };

  beforeAll(async () => {
    caller = await startCaller();
    const { workspaces } = await ask('workspaces/list');
    const [{ workspaceId }] = workspaces;
    await ask('workspaces/get', { workspaceId });
    await ask('workspaces/get', { workspaceId: randomUUID() });
    await ask('health');
    await ask('applications/token', { client_id: 'any', client_secret: 'any' });

    const ids: Record<string, string> = {};
    for (const kind of ['source', 'destination'] as const) {
      const definitionId = await caller.definitionId(kind, 'Simulated');
      await ask(`${kind}_definitions/list`);
      await ask(`${kind}_definitions/get`, { [`${kind}DefinitionId`]: definitionId });
      await ask(`${kind}_definition_specifications/get`, { [`${kind}DefinitionId`]: definitionId, workspaceId });
      const create = { workspaceId, name: kind, [`${kind}DefinitionId`]: definitionId, connectionConfiguration: {} };
      const { [`${kind}Id`]: id } = await ask(`${kind}s/create`, create);
      ids[kind] = id;
      await ask(`${kind}s/create`, { ...create, connectionConfiguration: { check_message: 5 } });
      await ask(`${kind}s/list`, { workspaceId });
      await ask(`${kind}s/get`, { [`${kind}Id`]: id });
      await ask(`${kind}s/get`, { [`${kind}Id`]: randomUUID() });
      await ask(`${kind}s/update`, { [`${kind}Id`]: id, name: kind, connectionConfiguration: { check_message: 'no' } });
      await ask(`${kind}s/check_connection`, { [`${kind}Id`]: id });
      await ask(`${kind}s/update`, {
        [`${kind}Id`]: id,
        name: kind,
        connectionConfiguration: { hold: true, records: 5 },
      });
      await ask(`${kind}s/check_connection`, { [`${kind}Id`]: id });
    }
    const { source: sourceId, destination: destinationId } = ids;
    const { catalog, catalogId } = await ask('sources/discover_schema', { sourceId });
    const create = { sourceId, destinationId, status: 'active', syncCatalog: catalog, sourceCatalogId: catalogId };
    const { connectionId } = await ask('connections/create', { ...create, schedule: { units: 24, timeUnit: 'hours' } });
    await ask('connections/create', { ...create, schedule: { units: 0, timeUnit: 'hours' } });
    await ask('connections/get', { connectionId });
    await ask('connections/list', { workspaceId });
    await ask('connections/update', {
      connectionId,
      scheduleType: 'cron',
      scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
    });

    const { job } = await ask('connections/sync', { connectionId });
    await ask('jobs/get', { id: job.id });
    await ask('jobs/list', { configTypes: ['sync'], configId: connectionId });
    await caller.sandbox.jobs.reached(job.id, ({ status }) => status === 'running');
    await ask('jobs/list', { configTypes: ['sync'] });
    await caller.sandbox.jobs.finish(job.id, 'failed', 'The disk is full.');
    await ask('jobs/get', { id: job.id });
    await ask('jobs/list', {
      configTypes: ['sync'],
      updatedAtStart: new Date(0).toISOString(),
      orderByField: 'updatedAt',
    });
    await ask('jobs/list_for_workspaces', { configTypes: ['sync'], workspaceIds: [workspaceId] });
    await ask('jobs/get_last_replication_job', { connectionId });
    await ask('jobs/get_debug_info', { id: job.id });
    const { job: refresh } = await ask('connections/refresh', { connectionId, refreshMode: 'Merge' });
    await ask('jobs/cancel', { id: refresh.id });
    for (const call of ['connections/reset', 'connections/clear']) {
      const { job: reset } = await ask(call, { connectionId });
      await ask('jobs/cancel', { id: reset.id });
    }
    await ask('jobs/list', { configTypes: ['reset_connection', 'refresh'] });
    await ask('state/get', { connectionId });
  });

  afterAll(() => caller.sandbox.stop());

  test.each(openApiDocuments.filter(({ version }) => ['v1.6.0', '2026-08'].includes(version)))(
    'every answer is valid in $version',
    (document) => {
      const newest = document.version === '2026-08';
      const found = answers.flatMap(({ call, request, answer }) => {
        const [method, path] = [call === 'health' ? 'GET' : 'POST', `/v1/${call}`];
        const findings = document.has(method, path) && document.answer(method, path, answer.status, answer.body);
        // An older document does not know the newer fields.
        if (!findings || (findings.invalid.length === 0 && (findings.unknown.length === 0 || !newest))) return [];
        return [{ call, request, status: answer.status, ...findings }];
      });
      expect(found).toEqual([]);
    },
  );

  test('asks every call with success, and with failure where there is one', () => {
    const newest = openApiDocuments.at(-1);
    const calls = new Set(answers.filter(({ answer }) => answer.status === 200).map(({ call }) => call));
    expect([...calls].filter((call) => !newest?.has(call === 'health' ? 'GET' : 'POST', `/v1/${call}`))).toEqual([
      'workspaces/list',
    ]);
    expect(calls.size).toBeGreaterThan(30);
    expect(new Set(answers.map(({ answer }) => answer.status))).toEqual(new Set([200, 404, 422]));
  });
});
