import { upsertMemo } from '@temporalio/workflow';
import type { NotedKind, NotedObject } from '../src/reconcile/earlier-run';

/** What a run has brought about of one object. */
interface Applied {
  name: string;
  id: string;
  created: boolean;
  airbyteSyncs?: boolean | undefined;
  unkept?: string[] | undefined;
}

/** Keeps an id where people and later runs of the pipeline find it, also when this run fails. */
export function noteObject(kind: NotedKind, { name, id, created, airbyteSyncs, unkept }: Applied): void {
  const noted: NotedObject = {
    ...{ name, id },
    ...(created && { created }),
    ...(airbyteSyncs && { airbyteSyncs }),
    ...(unkept && { unkept }),
  };
  upsertMemo({ [kind]: noted });
}
