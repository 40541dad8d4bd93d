"""Runs the workflows of temporal-airbyte from Python: starts one by its name, shows its progress, and reads its typed result.

    pip install temporalio  # 1.17 or newer
    python examples/python/call_airbyte.py sync CONNECTION_ID
    python examples/python/call_airbyte.py pipeline FILE  # a pipeline document as JSON
    python examples/python/call_airbyte.py fleet NAME CONNECTION...

If the workflow runs already, this program waits for that run. It prints the result as JSON, and the progress on stderr. If the
workflow fails, it prints the failure with its typed details, and exits with 1. airbyte_types.py has the types.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from airbyte_types import (
    FleetInput,
    FleetProgress,
    FleetResult,
    JobOutcome,
    PipelineDocument,
    PipelineProgress,
    PipelineResult,
    SyncConnectionInput,
    SyncConnectionResult,
    SyncProgress,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.converter import value_to_type
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

TASK_QUEUE = os.environ.get("AIRBYTE_TASK_QUEUE") or "airbyte"
PROGRESS_INTERVAL_S = 1

# The failures whose details say what is known of the job: for a fleet, of the jobs of all connections.
WITH_DETAILS = ("AirbyteSyncFailed", "AirbyteSyncTimedOut", "AirbyteJobCancelled")

Result = TypeVar("Result")
Progress = TypeVar("Progress")


async def sync(client: Client, connection_id: str) -> SyncConnectionResult:
    options: SyncConnectionInput = {"connectionId": connection_id, "timeout": "30m"}
    run = await start(client, "syncConnection", options, f"airbyte-sync:{connection_id}", SyncConnectionResult)
    return await result_of(run, SyncProgress, lambda now: f"{now['phase']}: {now.get('recordsSynced')} records")


async def pipeline(client: Client, file: str) -> PipelineResult:
    document: PipelineDocument = json.loads(Path(file).read_text(encoding="utf-8"))
    run = await start(client, "runPipeline", document, f"airbyte-pipeline:{document['name']}", PipelineResult)
    return await result_of(run, PipelineProgress, lambda now: now["phase"])


async def fleet(client: Client, name: str, *connections: str) -> FleetResult:
    options: FleetInput = {"name": name, "connections": list(connections), "sync": {"timeout": "30m"}}
    run = await start(client, "syncFleet", options, f"airbyte-fleet:{name}", FleetResult)
    return await result_of(run, FleetProgress, lambda now: f"{now['phase']}: {now['counts']['running']} running")


COMMANDS: dict[str, Callable[..., Awaitable[object]]] = {"sync": sync, "pipeline": pipeline, "fleet": fleet}


async def start(
    client: Client, workflow: str, options: object, workflow_id: str, result_type: type[Result]
) -> WorkflowHandle[Any, Result]:
    """Starts a workflow, or finds the running one that has its id."""
    # The id contains a task queue other than the default, because another Airbyte may have a connection of the same id.
    on_task_queue = "" if TASK_QUEUE == "airbyte" else f"@{TASK_QUEUE}"
    run = await client.start_workflow(
        workflow,
        options,
        id=f"{workflow_id}{on_task_queue}",
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        task_queue=TASK_QUEUE,
        result_type=result_type,
    )
    print(f"Following {run.id}", file=sys.stderr)
    return run


async def result_of(
    run: WorkflowHandle[Any, Result], progress_type: type[Progress], shown: Callable[[Progress], str]
) -> Result:
    """Waits for the result, and shows each change of the progress."""
    result = asyncio.ensure_future(run.result())
    last = ""
    while not (await asyncio.wait([result], timeout=PROGRESS_INTERVAL_S))[0]:
        try:
            now = shown(await run.query("progress", result_type=progress_type))
        except RPCError as error:  # for instance while no worker runs
            now = f"no progress: {error.message}"
        if now != last:
            print(now, file=sys.stderr)
        last = now
    return await result


def failure_of(error: ApplicationError, details_type: type[object]) -> dict[str, object]:
    failure: dict[str, object] = {"type": error.type, "message": error.message}
    if error.type in WITH_DETAILS and error.details:
        failure["details"] = value_to_type(details_type, error.details[0])
    return failure


async def main(command: str, *arguments: str) -> int:
    config = ClientConfig.load_client_connect_config()  # TEMPORAL_* and temporal.toml
    config.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**config)
    try:
        result = await COMMANDS[command](client, *arguments)
    except WorkflowFailureError as failure:
        if not isinstance(failure.cause, ApplicationError):  # cancelled or terminated
            raise
        details_type = FleetResult if command == "fleet" else JobOutcome
        print(json.dumps(failure_of(failure.cause, details_type)))
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    exit_code = asyncio.run(main(*sys.argv[1:]))
    # The SDK's threads can crash Python while it exits (seen with 3.11), after all work is done. This exits without clean-up.
    sys.stdout.flush()
    os._exit(exit_code)
