"""A Python workflow that syncs an Airbyte connection as a child workflow.

Its worker, on a task queue of its own, needs no access to Airbyte, because a temporal-airbyte worker runs the sync.

    pip install temporalio  # 1.17 or newer
    python examples/python/child_workflow.py CONNECTION_ID
"""

import asyncio
import json
import os
import sys
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, ChildWorkflowError
from temporalio.worker import Worker

TASK_QUEUE = "python-reports"


@workflow.defn
class RefreshReport:
    """When it is cancelled, it cancels the Airbyte job, and ends after the job has ended."""

    @workflow.run
    async def run(self, connection_id: str, airbyte_task_queue: str) -> dict[str, Any]:
        try:
            sync = await workflow.execute_child_workflow(
                "syncConnection",
                {"connectionId": connection_id, "timeout": "30m"},
                # An id of its own, so that it can start during another sync of the connection. Both share one job.
                id=f"airbyte-sync:{connection_id}:{workflow.info().run_id}",
                task_queue=airbyte_task_queue,
                cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
                parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            )
        except ChildWorkflowError as failure:
            reason = failure.cause
            # After a failed job the report is still useful, with its older rows. Any other failure fails this workflow.
            if not isinstance(reason, ApplicationError) or reason.type != "AirbyteSyncFailed":
                raise
            return {"fresh": False, "newRecords": 0, "reason": reason.message}
        return {"fresh": True, "newRecords": sync["recordsSynced"]}


async def main(connection_id: str) -> int:
    config = ClientConfig.load_client_connect_config()  # TEMPORAL_* and temporal.toml
    config.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**config)
    async with Worker(client, task_queue=TASK_QUEUE, workflows=[RefreshReport]):
        report = await client.execute_workflow(
            RefreshReport.run,
            args=[connection_id, os.environ.get("AIRBYTE_TASK_QUEUE") or "airbyte"],
            id=f"python-report:{connection_id}",
            task_queue=TASK_QUEUE,
        )
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    exit_code = asyncio.run(main(sys.argv[1]))
    # The SDK's threads can crash Python while it exits (seen with 3.11), after all work is done. This exits without clean-up.
    sys.stdout.flush()
    os._exit(exit_code)
