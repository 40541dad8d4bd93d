"""Dagster's own integration (dagster-airbyte), unchanged: both its resources list, sync, attach to a running job, cancel.

Arguments: the server's origin, user name, password, the workspace, a connection whose job succeeds immediately, one whose job
is held, the same job's id. Prints one JSON document of what it saw.
"""

import json
import sys
import warnings
from urllib.parse import urlsplit

from dagster import Failure, build_init_resource_context
from dagster_airbyte import AirbyteResource, AirbyteWorkspace, load_assets_from_airbyte_instance

warnings.simplefilter("ignore")
origin, username, password, workspace_id, quick, held, held_job = sys.argv[1:8]
seen = {}


def client(**settings):
    workspace = AirbyteWorkspace(
        rest_api_base_url=f"{origin}/api/public/v1",
        configuration_api_base_url=f"{origin}/api/v1",
        workspace_id=workspace_id,
        username=username,
        password=password,
        poll_interval=0.05,
        request_max_retries=0,
        **settings,
    )
    workspace.setup_for_execution(build_init_resource_context())
    return workspace, workspace.get_client()


workspace, airbyte = client()
airbyte.validate_workspace_id()
seen["connections"] = sorted(each["connectionId"] for each in airbyte.get_connections())
seen["specs"] = sorted(
    [spec.metadata["dagster-airbyte/connection_id"], spec.key.path[-1]] for spec in workspace.load_asset_specs()
)
output = airbyte.sync_and_poll(connection_id=quick)
seen["synced"] = {name: output.job_details.get(name) for name in ("status", "rowsSynced", "bytesSynced")}

# A job that runs already is waited for; the time is over, and it is cancelled.
_, attaching = client(poll_previous_running_sync=True, poll_timeout=0.3, cancel_on_termination=True)
try:
    attaching.sync_and_poll(connection_id=held)
except Failure as failure:
    seen["attached"] = str(failure.description)
seen["jobs"] = [[each.id == int(held_job), each.status] for each in airbyte.get_jobs_for_connection(held)]

# The older resource, which speaks the Config API alone.
address = urlsplit(origin)
legacy = AirbyteResource(
    host=address.hostname,
    port=str(address.port),
    username=username,
    password=password,
    poll_interval=0.05,
    request_max_retries=0,
    forward_logs=False,
)
assets = load_assets_from_airbyte_instance(legacy, workspace_id=workspace_id)
definitions = assets.build_definitions(assets.compute_cacheable_data())
seen["assets"] = len(definitions)
output = legacy.sync_and_poll(quick)
job = output.job_details
seen["legacy"] = {
    "status": job["job"]["status"],
    "records": job["attempts"][-1]["totalStats"]["recordsCommitted"],
}
try:
    legacy.sync_and_poll(held, poll_timeout=0.2)
except Failure as failure:
    seen["legacyTimedOut"] = "is not ready after the timeout" in str(failure.description)
seen["legacyCancelled"] = [each.status for each in airbyte.get_jobs_for_connection(held)]
print(json.dumps(seen))
