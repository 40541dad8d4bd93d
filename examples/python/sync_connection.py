"""Syncs an Airbyte connection from Python: it starts a workflow by its name, with plain JSON.

It starts the sync or attaches to the running one, waits for its end and prints the result. If the sync fails, this
program prints the type of the failure and the reason, and exits with 1.

    pip install temporalio  # 1.17 or newer
    python examples/python/sync_connection.py CONNECTION_ID
"""

import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError


async def main(connection_id: str) -> int:
    config = ClientConfig.load_client_connect_config()  # TEMPORAL_* and temporal.toml
    config.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**config)
    task_queue = os.environ.get("AIRBYTE_TASK_QUEUE") or "airbyte"
    # The id contains a task queue other than the default, because another Airbyte may have a connection of the same id.
    on_task_queue = "" if task_queue == "airbyte" else f"@{task_queue}"
    sync = await client.start_workflow(
        "syncConnection",
        {"connectionId": connection_id, "timeout": "30m"},
        id=f"airbyte-sync:{connection_id}{on_task_queue}",
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        task_queue=task_queue,
    )
    print(f"Following {sync.id}", file=sys.stderr)
    try:
        result = await sync.result()
    except WorkflowFailureError as failure:
        reason = failure.cause
        if not isinstance(reason, ApplicationError):  # cancelled or terminated
            raise
        print(json.dumps({"type": reason.type, "message": reason.message}))
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    exit_code = asyncio.run(main(sys.argv[1]))
    # The SDK's threads can crash Python while it exits (seen with 3.11), after all work is done. This exits without clean-up.
    sys.stdout.flush()
    os._exit(exit_code)
