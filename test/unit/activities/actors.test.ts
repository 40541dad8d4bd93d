import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredActor } from '../../../src/contract/actor';
import { failureOf, SECRET, useBench } from './activity-bench';
import { type Body, DROPPED, missingCall, Reply } from './scripted-airbyte';

const bench = useBench();
const MASKED = '**********';

const desired = (fields: Partial<DesiredActor> = {}): DesiredActor => ({
  workspaceId: 'w',
  name: 'shop',
  definitionId: 'postgres',
  configuration: { host: 'db', port: 5432, password: '${env:SECRET_DB}' },
  ...fields,
});

describe.each([
  { kind: 'source', create: 'createSource', apply: 'applySource', update: 'updateSource' },
  { kind: 'destination', create: 'createDestination', apply: 'applyDestination', update: 'updateDestination' },
] as const)('a $kind', ({ kind, create, apply, update }) => {
  const idField = `${kind}Id`;
  const definitionField = `${kind}DefinitionId`;
  /** What Airbyte has; a test may say how it shows the configuration. */
  let actors: Body[];

  beforeEach(() => {
    actors = [];
    bench().airbyte.on({
      [`${kind}s/list`]: () => ({ [`${kind}s`]: actors }),
      [`${kind}s/create`]: (body) => add(body),
      [`${kind}s/update`]: (body) =>
        Object.assign(actors.find((actor) => actor[idField] === body[idField]) ?? {}, body),
      [`${kind}_definition_specifications/get`]: () => ({
        connectionSpecification: {
          properties: {
            password: { type: 'string', airbyte_secret: true },
            tunnel: { oneOf: [{ properties: { wax: { type: 'string', airbyte_secret: true } } }] },
          },
        },
      }),
    });
  });

  function add(fields: Body): Body {
    const actor = { [idField]: `${kind}-${actors.length + 1}`, [definitionField]: 'postgres', ...fields };
    actors.push(actor);
    return actor;
  }

  const existing = (connectionConfiguration: Body, fields: Body = {}) =>
    add({ name: 'shop', workspaceId: 'w', connectionConfiguration, ...fields });

  const sent = (call: string) => bench().airbyte.bodies(`${kind}s/${call}`);

  describe('that is created', () => {
    it('is one of the definition in the workspace, with its secrets resolved', async () => {
      expect(await bench().run(create, desired())).toEqual({
        [idField]: `${kind}-1`,
        name: 'shop',
        [definitionField]: 'postgres',
        workspaceId: 'w',
        created: true,
      });
      expect(sent('create')).toEqual([
        {
          workspaceId: 'w',
          name: 'shop',
          [definitionField]: 'postgres',
          connectionConfiguration: { host: 'db', port: 5432, password: SECRET },
        },
      ]);
    });

    it('is created once, however often it is asked for', async () => {
      const first = await bench().run(apply, desired());
      expect(first).toEqual({ actorId: `${kind}-1`, created: true, updated: false });
      expect(await bench().run(apply, desired())).toEqual({ ...first, created: false });
      expect(await bench().run(create, desired())).toMatchObject({ [idField]: first.actorId, created: false });
      expect(actors).toHaveLength(1);
    });

    it('is created once also when the response is lost', async () => {
      bench().airbyte.on({
        [`${kind}s/create`]: (body) => {
          add(body);
          return DROPPED;
        },
      });
      const first = await bench().run(apply, desired());
      expect(first).toEqual({ actorId: `${kind}-1`, created: true, updated: false });
      expect(await bench().retry(apply, desired())).toMatchObject({ actorId: `${kind}-1`, created: false });
      expect(actors).toHaveLength(1);
    });

    // Every server lists its sources.
    if (kind === 'destination') {
      it('is created by a server that cannot list, and the log says so', async () => {
        bench().airbyte.on({ [`${kind}s/list`]: missingCall });
        expect(await bench().run(apply, desired())).toMatchObject({ created: true });
        expect(bench().warnings()).toEqual([expect.stringContaining(`lists no ${kind}s`)]);
      });

      it('is found in an earlier run by a server that cannot list', async () => {
        existing({});
        bench().airbyte.on({ [`${kind}s/list`]: missingCall });
        bench().airbyte.on({ [`${kind}s/check_connection`]: () => ({ status: 'succeeded' }) });
        bench().earlierMemos.push(
          { [kind]: { name: 'another', id: 'x' } },
          { [kind]: { name: desired().name, id: 'y' } },
        );
        expect(await bench().run(apply, desired())).toEqual({ actorId: 'y', created: false, updated: false });
      });

      it('is created again when the one of an earlier run is gone', async () => {
        bench().airbyte.on({ [`${kind}s/list`]: missingCall });
        bench().airbyte.on({ [`${kind}s/check_connection`]: () => new Reply(404, { errorId: 'e' }) });
        bench().earlierMemos.push({ [kind]: { name: desired().name, id: 'y' } });
        expect(await bench().run(apply, desired())).toMatchObject({ created: true });
      });
    }

    it('is not created while a list fails for a moment', async () => {
      bench().airbyte.on({ [`${kind}s/list`]: () => new Reply(503) });
      expect(await failureOf(bench().run(apply, desired()))).toMatchObject({ nonRetryable: false });
      expect(actors).toEqual([]);
    });
  });

  describe('that exists', () => {
    it('is found by its exact name only', async () => {
      add({ name: 'Shop' });
      add({ name: 'shop 2' });
      expect(await bench().run(apply, desired())).toMatchObject({ actorId: `${kind}-3`, created: true });
    });

    it('is not guessed at when two have the name: both ids are named', async () => {
      existing({});
      existing({});
      for (const activity of [create, apply]) {
        const failure = await failureOf(bench().run(activity, desired()));
        expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
        expect(failure.message).toContain(`${kind}-1, ${kind}-2`);
      }
    });

    it('is not taken when it is made of another connector', async () => {
      existing({}, { [definitionField]: 'mysql' });
      const failure = await failureOf(bench().run(apply, desired()));
      expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
      expect(failure.message).toContain(`${kind}-1`);
      expect(failure.message).toContain('mysql, not postgres');
    });

    it('is taken where the server does not say what it is made of', async () => {
      existing({ host: 'db', port: 5432, password: MASKED }, { [definitionField]: undefined });
      expect(await bench().run(apply, desired())).toEqual({ actorId: `${kind}-1`, created: false, updated: false });
    });

    it.each([
      ['masks', { host: 'db', port: 5432, password: MASKED }],
      ['shows', { host: 'db', port: 5432, password: SECRET }],
      ['leaves out', { host: 'db', port: 5432 }],
    ])('is left as it is where the server %s its secrets', async (_, configuration) => {
      existing(configuration);
      expect(await bench().run(apply, desired())).toMatchObject({ updated: false });
      expect(sent('update')).toEqual([]);
    });

    it('is left as it is when the connector added defaults, at any depth', async () => {
      existing({ host: 'db', port: 5432, password: MASKED, ssl: false, tunnel: { method: 'SSH', keepalive: 30 } });
      const configuration = { ...desired().configuration, tunnel: { method: 'SSH' } };
      expect(await bench().run(apply, desired({ configuration }))).toMatchObject({ updated: false });
    });

    it('is left as it is when the masked secret is in a list', async () => {
      existing({
        headers: [
          { key: 'X-Shop', value: MASKED },
          { key: 'Accept', value: 'json' },
        ],
        schemas: ['public'],
      });
      const headers = [
        { key: 'X-Shop', value: '${env:SECRET_DB}' },
        { key: 'Accept', value: 'json' },
      ];
      const configuration = { headers, schemas: ['public'] };
      expect(await bench().run(apply, desired({ configuration }))).toMatchObject({ updated: false });
    });

    it.each([
      ['a value', { host: 'old', port: 5432, password: MASKED }],
      ['the type of a value', { host: 'db', port: '5432', password: MASKED }],
      ['a value that is missing', { port: 5432, password: MASKED }],
    ])('is updated when %s differs, with its secrets', async (_, configuration) => {
      existing(configuration);
      expect(await bench().run(apply, desired())).toEqual({ actorId: `${kind}-1`, created: false, updated: true });
      expect(sent('update')).toEqual([
        {
          [idField]: `${kind}-1`,
          name: 'shop',
          connectionConfiguration: { host: 'db', port: 5432, password: SECRET },
        },
      ]);
    });

    it('is updated when a list has become longer', async () => {
      existing({ schemas: ['public'] });
      const configuration = { schemas: ['public', 'sales'] };
      expect(await bench().run(apply, desired({ configuration }))).toMatchObject({ updated: true });
    });

    it('is updated when that is asked for: a secret that changed does not show', async () => {
      existing({ host: 'db', port: 5432, password: MASKED });
      expect(await bench().run(apply, desired({ update: true }))).toMatchObject({ updated: true });
      expect(sent('update')).toHaveLength(1);
    });
  });

  describe('whose configuration holds a secret as it is', () => {
    it.each([
      ['by its name', { password: 'literal' }, 'password'],
      ["by the connector's specification", { tunnel: { wax: 'literal' } }, 'tunnel.wax'],
    ])('is rejected where the field is one %s, with the way to write it', async (_, configuration, path) => {
      const failure = await failureOf(bench().run(create, desired({ configuration })));
      expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
      expect(failure.message).toContain(`${kind}.configuration.${path} is a secret`);
      expect(failure.message).toContain('${env:SECRET_');
      expect(failure.message).not.toContain('literal');
      expect(actors).toEqual([]);
    });

    it('is rejected for an update too', async () => {
      existing({ password: MASKED, tunnel: {} });
      const configuration = { tunnel: { wax: 'literal' } };
      expect(await failureOf(bench().run(apply, desired({ configuration })))).toMatchObject({ type: 'InvalidInput' });
      const named = { [idField]: `${kind}-1`, name: 'shop', configuration: { password: 'literal' } };
      expect(await failureOf(bench().run(update, named as never))).toMatchObject({ type: 'InvalidInput' });
      expect(sent('update')).toEqual([]);
    });

    it('is rejected by its name where the server has no specifications', async () => {
      bench().airbyte.on({
        [`${kind}_definition_specifications/get`]: missingCall,
      });
      const literal = bench().run(create, desired({ configuration: { api_key: 'literal' } }));
      expect(await failureOf(literal)).toMatchObject({ type: 'InvalidInput' });
      expect(await bench().run(create, desired())).toMatchObject({ created: true });
    });

    it('is not sent while the specification cannot be had for a moment', async () => {
      bench().airbyte.on({ [`${kind}_definition_specifications/get`]: () => new Reply(503) });
      expect(await failureOf(bench().run(create, desired()))).toMatchObject({ nonRetryable: false });
      expect(actors).toEqual([]);
    });
  });

  describe('whose configuration names a secret', () => {
    it.each([
      ['has no value', '${env:SECRET_NOBODY_SET}'],
      ['is not given out', '${env:HOME}'],
      ['is a file that does not exist', '${file:not-there}'],
    ])('is rejected when the secret %s', async (_, password) => {
      const failure = await failureOf(bench().run(create, desired({ configuration: { password } })));
      expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
      expect(failure.message).toContain(`${kind}.configuration.password: ${password}`);
      expect(actors).toEqual([]);
    });

    it.each(['create', 'update'])('keeps it out of the failure when Airbyte quotes it back (%s)', async (call) => {
      if (call === 'update') existing({ host: 'old' });
      const rejection = new Reply(422, {
        message: `'${SECRET}' is no password, and ${encodeURIComponent(SECRET)} neither`,
      });
      bench().airbyte.on({ [`${kind}s/${call}`]: () => rejection });
      const failure = await failureOf(bench().run(apply, desired()));
      expect(failure).toMatchObject({ type: 'AirbyteInvalidRequest', nonRetryable: true });
      expect(failure.message).toContain(`'${MASKED}' is no password`);
      expect(failure.message).not.toContain('hunter2');
    });

    it('keeps it out of the log, and out of every result', async () => {
      const results = [await bench().run(create, desired()), await bench().run(apply, desired({ update: true }))];
      expect(JSON.stringify([results, bench().logs.map(({ message, meta }) => [message, meta])])).not.toContain(
        'hunter2',
      );
    });
  });

  it('shows nothing of its configuration to workflows', async () => {
    existing({ host: 'db', password: SECRET });
    const summary = { [idField]: `${kind}-1`, name: 'shop', [definitionField]: 'postgres', workspaceId: 'w' };
    bench().airbyte.on({ [`${kind}s/get`]: () => actors[0] });
    if (kind === 'source') {
      expect(await bench().run('listSources', { workspaceId: 'w' })).toEqual([summary]);
      expect(await bench().run('getSource', { sourceId: 'source-1' })).toEqual(summary);
    } else {
      expect(await bench().run('listDestinations', { workspaceId: 'w' })).toEqual([summary]);
      expect(await bench().run('getDestination', { destinationId: 'destination-1' })).toEqual(summary);
    }
    const named = { [idField]: `${kind}-1`, name: 'shop', configuration: desired().configuration };
    expect(await bench().run(update, named as never)).toEqual(summary);
    expect(sent('update')).toMatchObject([{ connectionConfiguration: { password: SECRET } }]);
  });
});
