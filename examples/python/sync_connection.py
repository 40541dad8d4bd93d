"""Syncs an Airbyte connection from Python: a workflow by name, with plain JSON.

It starts the sync, or attaches to the one that runs, waits for its end and prints the result. A sync that fails says
why, with a type to act upon, and ends this program with exit code 1.

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
    # A task queue other than the default one stands in the id: another Airbyte may have a connection of the same id.
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
    # The SDK's threads can crash Python (seen with 3.11) on its way out, when all is done: leave without that way.
    sys.stdout.flush()
    os._exit(exit_code)
