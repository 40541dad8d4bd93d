import { upsertMemo } from '@temporalio/workflow';
import type { MemoKey, ObjectMemo } from '../src/contract/object-memo';

/** What a run has brought about of one object. */
interface AppliedObject {
  name: string;
  id: string;
  created: boolean;
  airbyteSyncs?: boolean | undefined;
  unkept?: string[] | undefined;
}

/** Keeps an id where people and later runs of the pipeline find it, also when this run fails. */
export function recordInMemo(kind: MemoKey, { name, id, created, airbyteSyncs, unkept }: AppliedObject): void {
  const noted: ObjectMemo = {
    ...{ name, id },
    ...(created && { created }),
    ...(airbyteSyncs && { airbyteSyncs }),
    ...(unkept && { unkept }),
  };
  upsertMemo({ [kind]: noted });
}
