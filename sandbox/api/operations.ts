import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Operation } from '../state/resources';
import { type ApiCalls, defineCall, uuid } from './call';

const byId = z.looseObject({ operationId: uuid });
const fields = { name: z.string(), operatorConfiguration: z.looseObject({ operatorType: z.string() }) };

/** `operations/…`: what a connection does after each sync. The sandbox stores operations but does not run them. */
export const operationCalls: ApiCalls = {
  'operations/create': defineCall(z.looseObject({ ...fields, workspaceId: uuid }), (request, { store }) => {
    const { workspaceId, name, operatorConfiguration } = request;
    store.workspace(workspaceId);
    const operation: Operation = { operationId: randomUUID(), workspaceId, name, operatorConfiguration };
    store.operations.set(operation.operationId, operation);
    return operation;
  }),

  'operations/get': defineCall(byId, ({ operationId }, { store }) => store.operation(operationId)),

  'operations/list': defineCall(z.looseObject({ connectionId: uuid }), ({ connectionId }, { store }) => ({
    operations: store.operationsOf(store.connection(connectionId)),
  })),

  'operations/update': defineCall(z.looseObject({ ...fields, operationId: uuid }), (request, { store }) => {
    const { operationId, name, operatorConfiguration } = request;
    return Object.assign(store.operation(operationId), { name, operatorConfiguration });
  }),

  'operations/delete': defineCall(byId, ({ operationId }, { store }) => {
    store.operation(operationId);
    store.operations.delete(operationId);
    return undefined;
  }),
};
