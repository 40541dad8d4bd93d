"""The types of what the workflows of temporal-airbyte take, return and report.

`npm run schema` writes this file from the JSON Schemas of the package. The values are plain dicts, named as in the JSON. A key of a
`NotRequired` field may be left out. Results may have more keys, and choices more values, in later releases.
"""

from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict


class SyncConnectionInputMinimumRecords(TypedDict):
    # The minimum for all streams together.
    total: NotRequired[int]
    # The minimum for each stream, by its name or by <namespace>.<name>.
    streams: NotRequired[dict[str, int]]


class SyncConnectionInput(TypedDict):
    # The id of the Airbyte connection.
    connectionId: str
    # The type of job to run on the connection. One of: 'sync', 'reset', 'refresh', 'clear'.
    jobType: NotRequired[Literal["sync", "reset", "refresh", "clear"]]
    # What to do when a job of the connection is already running: attach to that job, queue a job of our own
    # after it, skip the sync, or fail. One of: 'attach', 'queue', 'skip', 'fail'.
    onRunning: NotRequired[Literal["attach", "queue", "skip", "fail"]]
    # How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.
    timeout: NotRequired[str | int]
    # What to do with the job after the timeout: cancel it, or leave it running. One of: 'cancel', 'leave'.
    onTimeout: NotRequired[Literal["cancel", "leave"]]
    # Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long:
    # neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the timeout
    # applies.
    stallTimeout: NotRequired[str | int]
    # How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.
    maximumAttempts: NotRequired[int]
    # Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.
    minimumRecords: NotRequired[int | SyncConnectionInputMinimumRecords]
    # What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail. One
    # of: 'accept', 'warn', 'fail'.
    unmeasured: NotRequired[Literal["accept", "warn", "fail"]]


class PipelineDocumentSource(TypedDict):
    # The name of the source in Airbyte. If the workspace has no source of this name, it is created.
    name: str
    # The connector definition: its id, its exact name, or a part of the name that no other definition
    # contains.
    definition: str
    # The connector's settings, with the connector's own keys. Write references in place of secrets:
    # ${env:SECRET_NAME} or ${file:name}.
    configuration: dict[str, Any]


class PipelineDocumentDestination(TypedDict):
    # The name of the destination in Airbyte. If the workspace has no destination of this name, it is created.
    name: str
    # The connector definition: its id, its exact name, or a part of the name that no other definition
    # contains.
    definition: str
    # The connector's settings, with the connector's own keys. Write references in place of secrets:
    # ${env:SECRET_NAME} or ${file:name}.
    configuration: dict[str, Any]


class PipelineDocumentConnectionStream(TypedDict):
    # The name of the stream: a table, a collection, an endpoint. With * for any text (order_*), it is a
    # pattern for every stream of the source that matches and is not listed by its name. If two patterns
    # match, the first one applies.
    name: str
    # The namespace of the stream (in Postgres, the schema), or a pattern with *. It is required if two
    # streams have the same name.
    namespace: NotRequired[str]
    # full_refresh reads all records in each sync; incremental reads only records that are new since the last
    # sync. One of: 'full_refresh', 'incremental'.
    syncMode: Literal["full_refresh", "incremental"]
    # What a sync does with the rows that are already in the destination. One of: 'append', 'overwrite',
    # 'append_dedup', 'overwrite_dedup', 'update', 'soft_delete'.
    destinationSyncMode: Literal["append", "overwrite", "append_dedup", "overwrite_dedup", "update", "soft_delete"]
    # The field by which an incremental sync finds new records. A list of names is the path of a nested field.
    cursorField: NotRequired[str | list[str]]
    # The fields that identify a record: [id]. A list within the list is the path of a nested field.
    primaryKey: NotRequired[list[str] | list[list[str]]]


class PipelineDocumentConnection(TypedDict):
    # The name of the connection in Airbyte. If left out: <source> → <destination>.
    name: NotRequired[str]
    # The namespace in the destination: that of the source, the default of the destination, or
    # namespaceFormat. One of: 'source', 'destination', 'customformat'.
    namespaceDefinition: NotRequired[Literal["source", "destination", "customformat"]]
    # The namespace for customformat; ${SOURCE_NAMESPACE} stands for the namespace of the source.
    namespaceFormat: NotRequired[str]
    # A prefix for the name of each stream in the destination.
    prefix: NotRequired[str]
    # An inactive connection does not sync. One of: 'active', 'inactive'.
    status: NotRequired[Literal["active", "inactive"]]
    # When syncs start. Airbyte starts them or, with by: temporal, Temporal. manual: only on request.
    schedule: NotRequired[Any]
    # What to do when the source's schema has changed. ignore only reports the changes. propagate applies new,
    # removed and changed fields to the connection. fail fails before the sync, and makes Airbyte disable the
    # connection when Airbyte detects a change. If left out, Airbyte's setting stays. One of: 'ignore',
    # 'propagate', 'fail'.
    schemaChanges: NotRequired[Literal["ignore", "propagate", "fail"]]
    # The streams to sync. Other streams are not synced.
    streams: list[PipelineDocumentConnectionStream]


class PipelineDocumentSync(TypedDict):
    # The type of job to run on the connection. One of: 'sync', 'reset', 'refresh', 'clear'.
    jobType: NotRequired[Literal["sync", "reset", "refresh", "clear"]]
    # What to do when a job of the connection is already running: attach to that job, queue a job of our own
    # after it, skip the sync, or fail. One of: 'attach', 'queue', 'skip', 'fail'.
    onRunning: NotRequired[Literal["attach", "queue", "skip", "fail"]]
    # How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.
    timeout: NotRequired[str | int]
    # What to do with the job after the timeout: cancel it, or leave it running. One of: 'cancel', 'leave'.
    onTimeout: NotRequired[Literal["cancel", "leave"]]
    # Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long:
    # neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the timeout
    # applies.
    stallTimeout: NotRequired[str | int]
    # How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.
    maximumAttempts: NotRequired[int]
    # Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.
    minimumRecords: NotRequired[int | SyncConnectionInputMinimumRecords]
    # What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail. One
    # of: 'accept', 'warn', 'fail'.
    unmeasured: NotRequired[Literal["accept", "warn", "fail"]]


class PipelineDocument(TypedDict):
    # The name of the pipeline. Its workflow has the id airbyte-pipeline:<name>.
    name: str
    # The Airbyte workspace, by id or name. If left out: the only one, or the first of several.
    workspace: NotRequired[str]
    # The source.
    source: PipelineDocumentSource
    # The destination.
    destination: PipelineDocumentDestination
    # The connection: what to sync, how, and when.
    connection: PipelineDocumentConnection
    # The options of the sync that follows. false: only apply the document.
    sync: NotRequired[PipelineDocumentSync | bool]
    # Whether this pipeline takes over the objects that it would change and that another pipeline manages. If
    # left out, the run fails instead.
    takeOver: NotRequired[bool]


class FleetInputConnection(TypedDict):
    # The id or name of the connection.
    connection: str
    # The connections that must succeed before this one starts, each by the id or name that this document
    # uses.
    dependsOn: NotRequired[str | list[str]]


class FleetInputSelect(TypedDict):
    # The Airbyte workspace, by id or name. If left out: the only one, or the first of several.
    workspace: NotRequired[str]
    # A pattern for the names of the connections; * stands for any text. If left out, every name matches.
    namePattern: NotRequired[str]
    # The names of tags in Airbyte: a connection must have at least one of them. Airbyte supports tags since
    # 1.6.
    tags: NotRequired[list[str]]


class FleetInput(TypedDict):
    # The name of the fleet. If left out, the fleet has the name of its workflow.
    name: NotRequired[str]
    # The same as name; documents use this key.
    fleet: NotRequired[str]
    # The connections to sync, each by its id or name.
    connections: NotRequired[list[str | FleetInputConnection]]
    # Which active connections of a workspace to sync, instead of a list: all, or those that match.
    select: NotRequired[FleetInputSelect]
    # For each connection, the connections that must succeed before it starts, by the ids or names that this
    # document uses.
    dependsOn: NotRequired[dict[str, str | list[str]]]
    # How many connections may sync at the same time.
    maxConcurrent: NotRequired[int]
    # What happens to the other connections when one fails. continue: those that do not depend on it still
    # run. stop: running syncs finish, and no more start. One of: 'continue', 'stop'.
    onFailure: NotRequired[Literal["continue", "stop"]]
    # The options of each sync.
    sync: NotRequired[PipelineDocumentSync]
    # When Temporal starts the fleet. The workflow ignores it: `temporal-airbyte apply` and `run` set up the
    # schedule.
    schedule: NotRequired[Any]


class SyncConnectionResultStream(TypedDict):
    # The name of the stream.
    name: str
    # The namespace of the stream.
    namespace: NotRequired[str]
    # The records; null if Airbyte has not measured them.
    recordsSynced: int | None
    # The bytes; null if Airbyte has not measured them.
    bytesSynced: int | None
    # The records that the destination has rejected.
    recordsRejected: int


class SyncConnectionResult(TypedDict):
    # The id of the connection.
    connectionId: str
    # The id of the job in Airbyte.
    jobId: int
    # succeeded; or skipped if another job was running and onRunning is skip.
    status: str
    # The records; null if Airbyte has not measured them.
    recordsSynced: int | None
    # The bytes; null if Airbyte has not measured them.
    bytesSynced: int | None
    # The records that the destination has rejected.
    recordsRejected: int
    # The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.
    streams: list[SyncConnectionResultStream]
    # When the job was started. ISO 8601; null if it is not known.
    startedAt: str | None
    # When the job ended. ISO 8601; null if it is not known.
    endedAt: str | None
    # How many jobs the sync ran, at most maximumAttempts.
    attempts: int
    # Whether the sync attached to a job that another caller had started.
    attached: bool
    # Warnings although the sync succeeded; left out when there are none.
    warnings: NotRequired[list[str]]


class SyncProgressFailure(TypedDict):
    # The type of the failure; Cancelled if the run was cancelled.
    type: str
    # Why it failed.
    message: str


class SyncProgress(TypedDict):
    # The id of the connection.
    connectionId: str
    # The URL of the connection in Airbyte's web app, as soon as it is known.
    connectionUrl: NotRequired[str]
    # How the sync stands; after it has ended done, failed or cancelled. One of: 'starting', 'queued',
    # 'running', 'cancelling', 'retrying', 'done', 'failed', 'cancelled'.
    phase: str
    # The current attempt, from 1 on.
    attempt: int
    # The limit of attempts.
    maximumAttempts: int
    # Warnings about a sync that has succeeded.
    warnings: NotRequired[list[str]]
    # Why the previous attempt failed.
    lastFailure: NotRequired[str]
    # Why the run failed or was cancelled.
    failure: NotRequired[SyncProgressFailure]
    # The id of the job in Airbyte.
    jobId: NotRequired[int]
    # The status of the job: running until it has ended.
    status: NotRequired[str]
    # Whether another caller had started the job.
    attached: NotRequired[bool]
    # The records; null if Airbyte has not measured them.
    recordsSynced: NotRequired[int | None]
    # The bytes; null if Airbyte has not measured them.
    bytesSynced: NotRequired[int | None]
    # The records that the destination has rejected.
    recordsRejected: NotRequired[int]
    # The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.
    streams: NotRequired[list[SyncConnectionResultStream]]
    # When the job was started. ISO 8601; null if it is not known.
    startedAt: NotRequired[str | None]
    # When the job ended. ISO 8601; null if it is not known.
    endedAt: NotRequired[str | None]
    # How many further streams there are; left out when streams has all of them.
    moreStreams: NotRequired[int]


class JobOutcomeSuccessor(TypedDict):
    # The id of the job in Airbyte.
    jobId: int
    # Its status.
    status: str


class JobOutcomeFailure(TypedDict):
    # The part that failed: source, destination, replication, …
    origin: NotRequired[str]
    # Airbyte's kind of failure: config_error, system_error, …
    type: NotRequired[str]
    # Airbyte's reason.
    message: str


class JobOutcome(TypedDict):
    # The id of the job in Airbyte.
    jobId: int
    # The status of the job in Airbyte.
    status: str
    # The records; null if Airbyte has not measured them.
    recordsSynced: int | None
    # The bytes; null if Airbyte has not measured them.
    bytesSynced: int | None
    # The records that the destination has rejected.
    recordsRejected: int
    # The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.
    streams: list[SyncConnectionResultStream]
    # When the job was started. ISO 8601; null if it is not known.
    startedAt: str | None
    # When the job ended. ISO 8601; null if it is not known.
    endedAt: str | None
    # The records that the source has sent, if Airbyte reports them.
    recordsEmitted: NotRequired[int]
    # How many further streams there are; left out when streams has all of them.
    moreStreams: NotRequired[int]
    # Airbyte's attempts of the job.
    jobAttempts: int
    # Whether the job was cancelled before its first attempt.
    notBegun: NotRequired[bool]
    # Why the job had not begun.
    notBegunBecause: NotRequired[str]
    # The job that Airbyte has started instead of one that it cancelled before its first attempt.
    successor: NotRequired[JobOutcomeSuccessor]
    # Since when nothing has moved in the job, if it has stalled: ISO 8601.
    stalledSince: NotRequired[str]
    # Whether a job that did not succeed has moved some data.
    partialSuccess: bool
    # Why the job failed, if Airbyte reports a reason.
    failure: NotRequired[JobOutcomeFailure]
    # The last lines of the log of a failed job's last attempt.
    logLines: NotRequired[list[str]]


class PipelineResultCreated(TypedDict):
    source: bool
    destination: bool
    connection: bool


PipelineResultAppliedSourceChange = TypedDict("PipelineResultAppliedSourceChange", {
    # The field as the document names it.
    "field": str,
    # The value in Airbyte, masked where it contains a secret.
    "from": NotRequired[Any],
    # The value in the document, masked where it contains a secret.
    "to": NotRequired[Any],
})


class PipelineResultAppliedSource(TypedDict):
    # What is done, or what apply would do. One of: 'create', 'change', 'leave'.
    action: str
    # The name of the object.
    name: str
    # Airbyte's id; null if apply would create the object.
    id: str | None
    # The fields that change.
    changes: list[PipelineResultAppliedSourceChange]
    # Another pipeline that manages the object; left out if none does.
    managedBy: NotRequired[str]


class PipelineResultAppliedConnectionStream(TypedDict):
    # The name of the stream.
    name: str
    # The namespace of the stream.
    namespace: NotRequired[str]
    # What is done, or what apply would do. One of: 'add', 'change', 'leave', 'remove'.
    action: str
    # The fields that change.
    changes: list[PipelineResultAppliedSourceChange]


class PipelineResultAppliedConnectionMoreStreams(TypedDict):
    add: NotRequired[int]
    change: NotRequired[int]
    leave: NotRequired[int]
    remove: NotRequired[int]


PipelineResultAppliedConnectionSchemaDriftChange = TypedDict("PipelineResultAppliedConnectionSchemaDriftChange", {
    # The name of the stream, with its namespace.
    "stream": str,
    # One of: 'stream added', 'stream removed', 'field added', 'field removed', 'type changed'.
    "kind": str,
    # The path of the field.
    "field": NotRequired[str],
    # The field's type in the connection.
    "from": NotRequired[str],
    # The field's type in the source.
    "to": NotRequired[str],
})


class PipelineResultAppliedConnectionSchemaDrift(TypedDict):
    changes: list[PipelineResultAppliedConnectionSchemaDriftChange]
    # How many further changes there are.
    moreChanges: int


class PipelineResultAppliedConnection(TypedDict):
    # What is done, or what apply would do. One of: 'create', 'change', 'leave'.
    action: str
    # The name of the object.
    name: str
    # Airbyte's id; null if apply would create the object.
    id: str | None
    # The fields that change.
    changes: list[PipelineResultAppliedSourceChange]
    # Another pipeline that manages the object; left out if none does.
    managedBy: NotRequired[str]
    # The streams; null if they cannot be known before the source was created or changed.
    streams: list[PipelineResultAppliedConnectionStream] | None
    # How many further streams there are, by action; left out when streams has all of them.
    moreStreams: NotRequired[PipelineResultAppliedConnectionMoreStreams]
    # How the source's schema differs from the connection's; left out when it does not.
    schemaDrift: NotRequired[PipelineResultAppliedConnectionSchemaDrift]


class PipelineResultAppliedSchedule(TypedDict):
    # What is done, or what apply would do. One of: 'create', 'change', 'leave', 'remove'.
    action: str
    # Temporal's id; null if apply would create the schedule.
    id: str | None
    # The fields that change.
    changes: list[PipelineResultAppliedSourceChange]


class PipelineResultAppliedCounts(TypedDict):
    # Objects that are created.
    create: int
    # Objects that are changed. Streams are parts of their connection.
    change: int
    # Schedules in Temporal that are deleted.
    delete: int


class PipelineResultApplied(TypedDict):
    # The source.
    source: PipelineResultAppliedSource
    # The destination.
    destination: PipelineResultAppliedSource
    # The connection.
    connection: PipelineResultAppliedConnection
    # The schedule in Temporal; left out if there is none and none is desired.
    schedule: NotRequired[PipelineResultAppliedSchedule]
    # How many objects are created, changed and deleted.
    counts: PipelineResultAppliedCounts


class PipelineResultStream(TypedDict):
    # The name of the stream.
    name: str
    # The namespace of the stream.
    namespace: NotRequired[str]
    # full_refresh or incremental.
    syncMode: str
    # append, overwrite, append_dedup, …
    destinationSyncMode: str
    # The path of the cursor; empty if there is none.
    cursorField: list[str]
    # The paths of the key fields; empty if there is none.
    primaryKey: list[list[str]]


class PipelineResultSchedule(TypedDict):
    # Who starts the syncs from now on. One of: 'airbyte', 'temporal', 'nobody'.
    by: str
    # What this run did with the schedule. One of: 'created', 'updated', 'unchanged'.
    outcome: str
    # The id of the schedule in Temporal, if Temporal starts the syncs.
    scheduleId: NotRequired[str]
    # The id of a schedule in Temporal that this run deleted.
    removed: NotRequired[str]


class PipelineResult(TypedDict):
    # The id of the workspace.
    workspaceId: str
    # The id of the source.
    sourceId: str
    # The id of the destination.
    destinationId: str
    # The id of the connection.
    connectionId: str
    # Whether this run created the objects; false for objects that existed before.
    created: PipelineResultCreated
    # What this run has created, changed, left and deleted.
    applied: PipelineResultApplied
    # The synced streams without their schemas: at most 1,000, and fewer if their names are long.
    streams: list[PipelineResultStream]
    # How many further streams there are; left out when streams has all of them.
    moreStreams: NotRequired[int]
    # What this run did with the schedule of its document.
    schedule: PipelineResultSchedule
    # The result of the sync; null if the document says sync: false.
    sync: SyncConnectionResult | None


class PipelineProgressApplied(TypedDict):
    # The source.
    source: NotRequired[PipelineResultAppliedSource]
    # The destination.
    destination: NotRequired[PipelineResultAppliedSource]
    # The connection.
    connection: NotRequired[PipelineResultAppliedConnection]
    # The schedule in Temporal; left out if there is none and none is desired.
    schedule: NotRequired[PipelineResultAppliedSchedule]


class PipelineProgress(TypedDict):
    # The name of the pipeline.
    name: str
    # The current step; after the run has ended done, failed or cancelled. One of: 'workspace', 'definitions',
    # 'check', 'discovery', 'actors', 'connection', 'sync', 'done', 'failed', 'cancelled'.
    phase: str
    # Whether this run created the objects; false for objects that existed before.
    created: PipelineResultCreated
    # What the run has created, changed, left and deleted so far.
    applied: NotRequired[PipelineProgressApplied]
    # What was unusual in this run.
    notes: list[str]
    # The URL of the connection in Airbyte's web app, as soon as it is known.
    connectionUrl: NotRequired[str]
    # The workflow id of the sync, after it has started.
    syncWorkflowId: NotRequired[str]
    # Why the run failed or was cancelled.
    failure: NotRequired[SyncProgressFailure]
    # The step in which the run failed. One of: 'workspace', 'definitions', 'check', 'discovery', 'actors',
    # 'connection', 'sync'.
    failedStep: NotRequired[str]
    # The id of the workspace.
    workspaceId: NotRequired[str]
    # The id of the source.
    sourceId: NotRequired[str]
    # The id of the destination.
    destinationId: NotRequired[str]
    # The id of the connection.
    connectionId: NotRequired[str]
    # The synced streams without their schemas: at most 1,000, and fewer if their names are long.
    streams: NotRequired[list[PipelineResultStream]]
    # How many further streams there are; left out when streams has all of them.
    moreStreams: NotRequired[int]
    # What this run did with the schedule of its document.
    schedule: NotRequired[PipelineResultSchedule]
    # The result of the sync; null if the document says sync: false.
    sync: NotRequired[SyncConnectionResult | None]


class FleetResultCounts(TypedDict):
    succeeded: int
    failed: int
    skipped: int
    cancelled: int


class FleetResultConnection(TypedDict):
    # The id of the connection.
    connectionId: str
    # The name of the connection.
    name: str
    # How its sync ended. One of: 'succeeded', 'failed', 'skipped', 'cancelled'.
    outcome: str
    # The records; null if Airbyte has not measured them.
    recordsSynced: NotRequired[int | None]
    # The bytes; null if Airbyte has not measured them.
    bytesSynced: NotRequired[int | None]
    # The id of the job in Airbyte.
    jobId: NotRequired[int]
    # The type of the failure, if the sync failed.
    type: NotRequired[str]
    # Why the sync did not succeed.
    message: NotRequired[str]


class FleetResult(TypedDict):
    # The name of the fleet.
    name: str
    # How many connections have ended in which way.
    counts: FleetResultCounts
    # The sum of the measured records; null if none was measured.
    recordsSynced: int | None
    # The sum of the measured bytes; null if none was measured.
    bytesSynced: int | None
    # How many syncs succeeded without counts; left out when there are none.
    unmeasured: NotRequired[int]
    # The connections, in the order of the document.
    connections: list[FleetResultConnection]


class FleetProgressCounts(TypedDict):
    waiting: int
    running: int
    succeeded: int
    failed: int
    skipped: int
    cancelled: int


class FleetProgressLevel(TypedDict):
    # The id of the connection.
    connectionId: str
    # The name of the connection.
    name: str
    # One of: 'waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled'.
    phase: str
    # The ids of the connections that must succeed before.
    dependsOn: list[str]
    # The workflow id of its sync while that runs.
    syncWorkflowId: NotRequired[str]
    # The records; null if Airbyte has not measured them.
    recordsSynced: NotRequired[int | None]
    # The bytes; null if Airbyte has not measured them.
    bytesSynced: NotRequired[int | None]
    # The id of the job in Airbyte.
    jobId: NotRequired[int]
    # The type of the failure, if the sync failed.
    type: NotRequired[str]
    # Why the sync did not succeed.
    message: NotRequired[str]


class FleetProgress(TypedDict):
    # The name of the fleet.
    name: str
    # How the fleet stands; after it has ended done, failed or cancelled. One of: 'selecting', 'syncing',
    # 'pausing', 'cancelling', 'done', 'failed', 'cancelled'.
    phase: str
    # The limit of concurrent syncs.
    maxConcurrent: int
    # The connections by their phase.
    counts: FleetProgressCounts
    # By dependency: the connections of the first level depend on none.
    levels: list[list[FleetProgressLevel]]
