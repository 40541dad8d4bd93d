"""Airbyte's own SDK (airbyte-api), unchanged: every resource of a pipeline is created, read, changed, run and deleted.

Arguments: the base of the public API, client id, client secret, the shop's database as JSON, a connection whose job is
held. Prints one JSON document of what it saw.
"""

import json
import sys
import time

from airbyte_api import AirbyteAPI, api, errors, models

server_url, client_id, client_secret, shop, held_connection = sys.argv[1:6]
shop = json.loads(shop)
sdk = AirbyteAPI(
    server_url=server_url,
    security=models.Security(
        client_credentials=models.SchemeClientCredentials(
            client_id=client_id, client_secret=client_secret, token_url="v1/applications/token"
        )
    ),
)
seen = {"health": sdk.health.get_health_check().status_code}


def plain(model):
    return json.loads(model.model_dump_json(by_alias=True, exclude_none=True))


def workspaces():
    [default] = sdk.workspaces.list_workspaces(request=api.ListWorkspacesRequest()).workspaces_response.data
    created = sdk.workspaces.create_workspace(request=models.WorkspaceCreateRequest(name="two")).workspace_response
    of_it = {"workspace_id": created.workspace_id}
    change = models.WorkspaceUpdateRequest(
        name="three",
        notifications=models.NotificationsConfig(
            failure=models.NotificationConfig(email=models.EmailNotificationConfig(enabled=False))
        ),
    )
    sdk.workspaces.update_workspace(request=api.UpdateWorkspaceRequest(workspace_update_request=change, **of_it))
    read = sdk.workspaces.get_workspace(request=api.GetWorkspaceRequest(**of_it)).workspace_response
    seen["workspace"] = {"name": read.name, "mailOnFailure": read.notifications.failure.email.enabled}
    sdk.workspaces.delete_workspace(request=api.DeleteWorkspaceRequest(**of_it))
    left = sdk.workspaces.list_workspaces(request=api.ListWorkspacesRequest()).workspaces_response.data
    seen["workspacesLeft"] = [workspace.name for workspace in left]
    return default.workspace_id


def source(workspace_id):
    configuration = models.SourcePostgres(
        host=shop["host"],
        port=shop["port"],
        database=shop["database"],
        username=shop["username"],
        password=shop["password"],
        schemas=["public"],
        ssl_mode=models.SourcePostgresDisable(),
        replication_method=models.SourcePostgresScanChangesWithUserDefinedCursor(),
    )
    request = models.SourceCreateRequest(name="shop", workspace_id=workspace_id, configuration=configuration)
    created = sdk.sources.create_source(request=request).source_response
    of_it = {"source_id": created.source_id}
    put = models.SourcePutRequest(name="shop", configuration=configuration)
    sdk.sources.put_source(request=api.PutSourceRequest(source_put_request=put, **of_it))
    patch = models.SourcePatchRequest(name="the shop")
    sdk.sources.patch_source(request=api.PatchSourceRequest(source_patch_request=patch, **of_it))
    read = sdk.sources.get_source(request=api.GetSourceRequest(**of_it)).source_response
    seen["source"] = {
        "name": read.name,
        "type": read.source_type,
        "host": read.configuration.host,
        "password": read.configuration.password,
    }
    return created.source_id


def destination(workspace_id):
    configuration = models.DestinationS3(
        s3_bucket_name="lake",
        s3_bucket_path="raw",
        s3_bucket_region="",
        format_=models.DestinationS3ParquetColumnarStorage(),
    )
    request = models.DestinationCreateRequest(name="lake", workspace_id=workspace_id, configuration=configuration)
    try:
        created = plain(sdk.destinations.create_destination(request=request).destination_response)
    except errors.ResponseValidationError as error:
        # This SDK wants a destinationType within the configuration, which Airbyte takes out before it keeps it.
        created = json.loads(error.body)
    seen["destination"] = created["destinationType"]
    return created["destinationId"]


def connection(source_id, destination_id):
    streams = sdk.streams.get_stream_properties(
        request=api.GetStreamPropertiesRequest(source_id=source_id, destination_id=destination_id)
    ).stream_properties_response
    customers = next(stream for stream in streams if stream.stream_name == "customers")
    seen["customers"] = sorted(field for [field, *nested] in customers.property_fields if not nested)
    stream = models.StreamConfiguration(
        name="customers",
        sync_mode=models.ConnectionSyncModeEnum.INCREMENTAL_APPEND,
        cursor_field=["updated_at"],
        selected_fields=[models.SelectedFieldInfo(field_path=[name]) for name in ("id", "updated_at")],
    )
    request = models.ConnectionCreateRequest(
        source_id=source_id,
        destination_id=destination_id,
        name="shop to lake",
        namespace_definition=models.NamespaceDefinitionEnum.CUSTOM_FORMAT,
        namespace_format="lake",
        prefix="raw_",
        non_breaking_schema_updates_behavior=models.NonBreakingSchemaUpdatesBehaviorEnum.IGNORE,
        schedule=models.AirbyteAPIConnectionSchedule(
            schedule_type=models.ScheduleTypeEnum.CRON, cron_expression="0 0 5 1 1 ?"
        ),
        configurations=models.StreamConfigurations(streams=[stream]),
    )
    created = sdk.connections.create_connection(request=request).connection_response
    of_it = {"connection_id": created.connection_id}
    read = sdk.connections.get_connection(request=api.GetConnectionRequest(**of_it)).connection_response
    seen["connection"] = plain(read)
    seen["readAsCreated"] = plain(read) == plain(created)
    change = models.ConnectionPatchRequest(name="shop → lake", status=models.ConnectionStatusEnum.ACTIVE)
    patched = sdk.connections.patch_connection(
        request=api.PatchConnectionRequest(connection_patch_request=change, **of_it)
    ).connection_response
    seen["patched"] = {name: value for name, value in plain(patched).items() if plain(read).get(name) != value}
    return created.connection_id


def start(connection_id):
    request = models.JobCreateRequest(connection_id=connection_id, job_type=models.JobTypeEnum.SYNC)
    return sdk.jobs.create_job(request=request).job_response


def job(job_id):
    return sdk.jobs.get_job(request=api.GetJobRequest(job_id=job_id)).job_response


def sync(connection_id):
    job_id = start(connection_id).job_id
    while job(job_id).status not in (models.JobStatusEnum.SUCCEEDED, models.JobStatusEnum.FAILED):
        time.sleep(0.05)
    ended = job(job_id)
    seen["synced"] = {"status": ended.status, "rows": ended.rows_synced, "hasBytes": (ended.bytes_synced or 0) > 0}


def cancel(connection_id):
    job_id = start(connection_id).job_id
    while job(job_id).status != models.JobStatusEnum.RUNNING:
        time.sleep(0.05)
    try:
        start(connection_id)
    except Exception as error:  # whatever the SDK makes of a 409
        seen["second"] = getattr(error, "status_code", str(error))
    seen["cancelled"] = sdk.jobs.cancel_job(request=api.CancelJobRequest(job_id=job_id)).job_response.status
    listed = sdk.jobs.list_jobs(request=api.ListJobsRequest(connection_id=connection_id)).jobs_response.data
    seen["listed"] = [[each.job_id == job_id, each.status] for each in listed]


workspace_id = workspaces()
of_workspace = {"workspace_id": workspace_id}
definitions = [
    sdk.source_definitions.list_source_definitions(request=api.ListSourceDefinitionsRequest(**of_workspace)),
    sdk.destination_definitions.list_destination_definitions(request=api.ListDestinationDefinitionsRequest(**of_workspace)),
]
seen["definitions"] = [len(each.definitions_response.data) > 0 for each in definitions]
[organization] = sdk.organizations.list_organizations_for_user().organizations_response.data
seen["users"] = len(
    sdk.users.list_users_within_an_organization(
        request=api.ListUsersWithinAnOrganizationRequest(organization_id=organization.organization_id)
    ).users_response.data
)
tag = sdk.tags.create_tag(
    request=models.TagCreateRequest(name="nightly", color="FF5733", workspace_id=workspace_id)
).tag_response
sdk.tags.delete_tag(request=api.DeleteTagRequest(tag_id=tag.tag_id))
source_id = source(workspace_id)
destination_id = destination(workspace_id)
connection_id = connection(source_id, destination_id)
sync(connection_id)
cancel(held_connection)
sdk.connections.delete_connection(request=api.DeleteConnectionRequest(connection_id=connection_id))
sdk.sources.delete_source(request=api.DeleteSourceRequest(source_id=source_id))
sdk.destinations.delete_destination(request=api.DeleteDestinationRequest(destination_id=destination_id))
left = sdk.sources.list_sources(request=api.ListSourcesRequest(workspace_ids=[workspace_id], limit=100))
seen["deleted"] = source_id not in [each.source_id for each in left.sources_response.data]
print(json.dumps(seen))
