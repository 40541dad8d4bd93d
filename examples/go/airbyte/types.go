// Package airbyte has the types of what the workflows of temporal-airbyte take, return and report.
//
// `npm run schema` writes this file from the JSON Schemas of the package. A field that takes values of several types is `any`.
// Results may have more fields, and choices more values, in later releases.
package airbyte

type SyncConnectionInputMinimumRecords struct {
	// The minimum for all streams together.
	Total *int64 `json:"total,omitempty"`

	// The minimum for each stream, by its name or by <namespace>.<name>.
	Streams map[string]int64 `json:"streams,omitempty"`
}

type SyncConnectionInput struct {
	// The id of the Airbyte connection.
	ConnectionID string `json:"connectionId"`

	// The type of job to run on the connection. One of: 'sync', 'reset', 'refresh', 'clear'.
	JobType string `json:"jobType,omitempty"`

	// What to do when a job of the connection is already running: attach to that job, queue a job of our own
	// after it, skip the sync, or fail. One of: 'attach', 'queue', 'skip', 'fail'.
	OnRunning string `json:"onRunning,omitempty"`

	// How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.
	Timeout any `json:"timeout,omitempty"`

	// What to do with the job after the timeout: cancel it, or leave it running. One of: 'cancel', 'leave'.
	OnTimeout string `json:"onTimeout,omitempty"`

	// Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long:
	// neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the timeout
	// applies.
	StallTimeout any `json:"stallTimeout,omitempty"`

	// How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.
	MaximumAttempts *int64 `json:"maximumAttempts,omitempty"`

	// Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.
	MinimumRecords any `json:"minimumRecords,omitempty"`

	// What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail. One of:
	// 'accept', 'warn', 'fail'.
	Unmeasured string `json:"unmeasured,omitempty"`
}

type PipelineDocumentSource struct {
	// The name of the source in Airbyte. If the workspace has no source of this name, it is created.
	Name string `json:"name"`

	// The connector definition: its id, its exact name, or a part of the name that no other definition contains.
	Definition string `json:"definition"`

	// The connector's settings, with the connector's own keys. Write references in place of secrets:
	// ${env:SECRET_NAME} or ${file:name}.
	Configuration map[string]any `json:"configuration"`
}

type PipelineDocumentDestination struct {
	// The name of the destination in Airbyte. If the workspace has no destination of this name, it is created.
	Name string `json:"name"`

	// The connector definition: its id, its exact name, or a part of the name that no other definition contains.
	Definition string `json:"definition"`

	// The connector's settings, with the connector's own keys. Write references in place of secrets:
	// ${env:SECRET_NAME} or ${file:name}.
	Configuration map[string]any `json:"configuration"`
}

type PipelineDocumentConnectionStream struct {
	// The name of the stream: a table, a collection, an endpoint. With * for any text (order_*), it is a pattern
	// for every stream of the source that matches and is not listed by its name. If two patterns match, the
	// first one applies.
	Name string `json:"name"`

	// The namespace of the stream (in Postgres, the schema), or a pattern with *. It is required if two streams
	// have the same name.
	Namespace string `json:"namespace,omitempty"`

	// full_refresh reads all records in each sync; incremental reads only records that are new since the last
	// sync. One of: 'full_refresh', 'incremental'.
	SyncMode string `json:"syncMode"`

	// What a sync does with the rows that are already in the destination. One of: 'append', 'overwrite',
	// 'append_dedup', 'overwrite_dedup', 'update', 'soft_delete'.
	DestinationSyncMode string `json:"destinationSyncMode"`

	// The field by which an incremental sync finds new records. A list of names is the path of a nested field.
	CursorField any `json:"cursorField,omitempty"`

	// The fields that identify a record: [id]. A list within the list is the path of a nested field.
	PrimaryKey any `json:"primaryKey,omitempty"`
}

type PipelineDocumentConnection struct {
	// The name of the connection in Airbyte. If left out: <source> → <destination>.
	Name string `json:"name,omitempty"`

	// The namespace in the destination: that of the source, the default of the destination, or namespaceFormat.
	// One of: 'source', 'destination', 'customformat'.
	NamespaceDefinition string `json:"namespaceDefinition,omitempty"`

	// The namespace for customformat; ${SOURCE_NAMESPACE} stands for the namespace of the source.
	NamespaceFormat string `json:"namespaceFormat,omitempty"`

	// A prefix for the name of each stream in the destination.
	Prefix string `json:"prefix,omitempty"`

	// An inactive connection does not sync. One of: 'active', 'inactive'.
	Status string `json:"status,omitempty"`

	// When syncs start. Airbyte starts them or, with by: temporal, Temporal. manual: only on request.
	Schedule any `json:"schedule,omitempty"`

	// What to do when the source's schema has changed. ignore only reports the changes. propagate applies new,
	// removed and changed fields to the connection. fail fails before the sync, and makes Airbyte disable the
	// connection when Airbyte detects a change. If left out, Airbyte's setting stays. One of: 'ignore',
	// 'propagate', 'fail'.
	SchemaChanges string `json:"schemaChanges,omitempty"`

	// The streams to sync. Other streams are not synced.
	Streams []PipelineDocumentConnectionStream `json:"streams"`
}

type PipelineDocumentSync struct {
	// The type of job to run on the connection. One of: 'sync', 'reset', 'refresh', 'clear'.
	JobType string `json:"jobType,omitempty"`

	// What to do when a job of the connection is already running: attach to that job, queue a job of our own
	// after it, skip the sync, or fail. One of: 'attach', 'queue', 'skip', 'fail'.
	OnRunning string `json:"onRunning,omitempty"`

	// How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.
	Timeout any `json:"timeout,omitempty"`

	// What to do with the job after the timeout: cancel it, or leave it running. One of: 'cancel', 'leave'.
	OnTimeout string `json:"onTimeout,omitempty"`

	// Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long:
	// neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the timeout
	// applies.
	StallTimeout any `json:"stallTimeout,omitempty"`

	// How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.
	MaximumAttempts *int64 `json:"maximumAttempts,omitempty"`

	// Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.
	MinimumRecords any `json:"minimumRecords,omitempty"`

	// What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail. One of:
	// 'accept', 'warn', 'fail'.
	Unmeasured string `json:"unmeasured,omitempty"`
}

type PipelineDocument struct {
	// The name of the pipeline. Its workflow has the id airbyte-pipeline:<name>.
	Name string `json:"name"`

	// The Airbyte workspace, by id or name. If left out: the only one, or the first of several.
	Workspace string `json:"workspace,omitempty"`

	// The source.
	Source PipelineDocumentSource `json:"source"`

	// The destination.
	Destination PipelineDocumentDestination `json:"destination"`

	// The connection: what to sync, how, and when.
	Connection PipelineDocumentConnection `json:"connection"`

	// The options of the sync that follows. false: only apply the document.
	Sync any `json:"sync,omitempty"`

	// Whether this pipeline takes over the objects that it would change and that another pipeline manages. If
	// left out, the run fails instead.
	TakeOver *bool `json:"takeOver,omitempty"`
}

type FleetInputConnection struct {
	// The id or name of the connection.
	Connection string `json:"connection"`

	// The connections that must succeed before this one starts, each by the id or name that this document uses.
	DependsOn any `json:"dependsOn,omitempty"`
}

type FleetInputSelect struct {
	// The Airbyte workspace, by id or name. If left out: the only one, or the first of several.
	Workspace string `json:"workspace,omitempty"`

	// A pattern for the names of the connections; * stands for any text. If left out, every name matches.
	NamePattern string `json:"namePattern,omitempty"`

	// The names of tags in Airbyte: a connection must have at least one of them. Airbyte supports tags since
	// 1.6.
	Tags []string `json:"tags,omitempty"`
}

type FleetInput struct {
	// The name of the fleet. If left out, the fleet has the name of its workflow.
	Name string `json:"name,omitempty"`

	// The same as name; documents use this key.
	Fleet string `json:"fleet,omitempty"`

	// The connections to sync, each by its id or name.
	Connections []any `json:"connections,omitempty"`

	// Which active connections of a workspace to sync, instead of a list: all, or those that match.
	Select *FleetInputSelect `json:"select,omitempty"`

	// For each connection, the connections that must succeed before it starts, by the ids or names that this
	// document uses.
	DependsOn map[string]any `json:"dependsOn,omitempty"`

	// How many connections may sync at the same time.
	MaxConcurrent *int64 `json:"maxConcurrent,omitempty"`

	// What happens to the other connections when one fails. continue: those that do not depend on it still run.
	// stop: running syncs finish, and no more start. One of: 'continue', 'stop'.
	OnFailure string `json:"onFailure,omitempty"`

	// The options of each sync.
	Sync *PipelineDocumentSync `json:"sync,omitempty"`

	// When Temporal starts the fleet. The workflow ignores it: `temporal-airbyte apply` and `run` set up the
	// schedule.
	Schedule any `json:"schedule,omitempty"`
}

type SyncConnectionResultStream struct {
	// The name of the stream.
	Name string `json:"name"`

	// The namespace of the stream.
	Namespace string `json:"namespace,omitempty"`

	// The records; null if Airbyte has not measured them.
	RecordsSynced *int64 `json:"recordsSynced"`

	// The bytes; null if Airbyte has not measured them.
	BytesSynced *int64 `json:"bytesSynced"`

	// The records that the destination has rejected.
	RecordsRejected int64 `json:"recordsRejected"`
}

type SyncConnectionResult struct {
	// The id of the connection.
	ConnectionID string `json:"connectionId"`

	// The id of the job in Airbyte.
	JobID int64 `json:"jobId"`

	// succeeded; or skipped if another job was running and onRunning is skip.
	Status string `json:"status"`

	// The records; null if Airbyte has not measured them.
	RecordsSynced *int64 `json:"recordsSynced"`

	// The bytes; null if Airbyte has not measured them.
	BytesSynced *int64 `json:"bytesSynced"`

	// The records that the destination has rejected.
	RecordsRejected int64 `json:"recordsRejected"`

	// The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.
	Streams []SyncConnectionResultStream `json:"streams"`

	// When the job was started. ISO 8601; null if it is not known.
	StartedAt *string `json:"startedAt"`

	// When the job ended. ISO 8601; null if it is not known.
	EndedAt *string `json:"endedAt"`

	// How many jobs the sync ran, at most maximumAttempts.
	Attempts int64 `json:"attempts"`

	// Whether the sync attached to a job that another caller had started.
	Attached bool `json:"attached"`

	// Warnings although the sync succeeded; left out when there are none.
	Warnings []string `json:"warnings,omitempty"`
}

type SyncProgressFailure struct {
	// The type of the failure; Cancelled if the run was cancelled.
	Type string `json:"type"`

	// Why it failed.
	Message string `json:"message"`
}

type SyncProgress struct {
	// The id of the connection.
	ConnectionID string `json:"connectionId"`

	// The URL of the connection in Airbyte's web app, as soon as it is known.
	ConnectionURL string `json:"connectionUrl,omitempty"`

	// How the sync stands; after it has ended done, failed or cancelled. One of: 'starting', 'queued',
	// 'running', 'cancelling', 'retrying', 'done', 'failed', 'cancelled'.
	Phase string `json:"phase"`

	// The current attempt, from 1 on.
	Attempt int64 `json:"attempt"`

	// The limit of attempts.
	MaximumAttempts int64 `json:"maximumAttempts"`

	// Warnings about a sync that has succeeded.
	Warnings []string `json:"warnings,omitempty"`

	// Why the previous attempt failed.
	LastFailure string `json:"lastFailure,omitempty"`

	// Why the run failed or was cancelled.
	Failure *SyncProgressFailure `json:"failure,omitempty"`

	// The id of the job in Airbyte.
	JobID *int64 `json:"jobId,omitempty"`

	// The status of the job: running until it has ended.
	Status string `json:"status,omitempty"`

	// Whether another caller had started the job.
	Attached *bool `json:"attached,omitempty"`

	// The records; null if Airbyte has not measured them.
	RecordsSynced *int64 `json:"recordsSynced,omitempty"`

	// The bytes; null if Airbyte has not measured them.
	BytesSynced *int64 `json:"bytesSynced,omitempty"`

	// The records that the destination has rejected.
	RecordsRejected *int64 `json:"recordsRejected,omitempty"`

	// The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.
	Streams []SyncConnectionResultStream `json:"streams,omitempty"`

	// When the job was started. ISO 8601; null if it is not known.
	StartedAt *string `json:"startedAt,omitempty"`

	// When the job ended. ISO 8601; null if it is not known.
	EndedAt *string `json:"endedAt,omitempty"`

	// How many further streams there are; left out when streams has all of them.
	MoreStreams *int64 `json:"moreStreams,omitempty"`
}

type JobOutcomeSuccessor struct {
	// The id of the job in Airbyte.
	JobID int64 `json:"jobId"`

	// Its status.
	Status string `json:"status"`
}

type JobOutcomeFailure struct {
	// The part that failed: source, destination, replication, …
	Origin string `json:"origin,omitempty"`

	// Airbyte's kind of failure: config_error, system_error, …
	Type string `json:"type,omitempty"`

	// Airbyte's reason.
	Message string `json:"message"`
}

type JobOutcome struct {
	// The id of the job in Airbyte.
	JobID int64 `json:"jobId"`

	// The status of the job in Airbyte.
	Status string `json:"status"`

	// The records; null if Airbyte has not measured them.
	RecordsSynced *int64 `json:"recordsSynced"`

	// The bytes; null if Airbyte has not measured them.
	BytesSynced *int64 `json:"bytesSynced"`

	// The records that the destination has rejected.
	RecordsRejected int64 `json:"recordsRejected"`

	// The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports none.
	Streams []SyncConnectionResultStream `json:"streams"`

	// When the job was started. ISO 8601; null if it is not known.
	StartedAt *string `json:"startedAt"`

	// When the job ended. ISO 8601; null if it is not known.
	EndedAt *string `json:"endedAt"`

	// The records that the source has sent, if Airbyte reports them.
	RecordsEmitted *int64 `json:"recordsEmitted,omitempty"`

	// How many further streams there are; left out when streams has all of them.
	MoreStreams *int64 `json:"moreStreams,omitempty"`

	// Airbyte's attempts of the job.
	JobAttempts int64 `json:"jobAttempts"`

	// Whether the job was cancelled before its first attempt.
	NotBegun *bool `json:"notBegun,omitempty"`

	// Why the job had not begun.
	NotBegunBecause string `json:"notBegunBecause,omitempty"`

	// The job that Airbyte has started instead of one that it cancelled before its first attempt.
	Successor *JobOutcomeSuccessor `json:"successor,omitempty"`

	// Since when nothing has moved in the job, if it has stalled: ISO 8601.
	StalledSince string `json:"stalledSince,omitempty"`

	// Whether a job that did not succeed has moved some data.
	PartialSuccess bool `json:"partialSuccess"`

	// Why the job failed, if Airbyte reports a reason.
	Failure *JobOutcomeFailure `json:"failure,omitempty"`

	// The last lines of the log of a failed job's last attempt.
	LogLines []string `json:"logLines,omitempty"`
}

type PipelineResultCreated struct {
	Source bool `json:"source"`

	Destination bool `json:"destination"`

	Connection bool `json:"connection"`
}

type PipelineResultAppliedSourceChange struct {
	// The field as the document names it.
	Field string `json:"field"`

	// The value in Airbyte, masked where it contains a secret.
	From any `json:"from,omitempty"`

	// The value in the document, masked where it contains a secret.
	To any `json:"to,omitempty"`
}

type PipelineResultAppliedSource struct {
	// What is done, or what apply would do. One of: 'create', 'change', 'leave'.
	Action string `json:"action"`

	// The name of the object.
	Name string `json:"name"`

	// Airbyte's id; null if apply would create the object.
	ID *string `json:"id"`

	// The fields that change.
	Changes []PipelineResultAppliedSourceChange `json:"changes"`

	// Another pipeline that manages the object; left out if none does.
	ManagedBy string `json:"managedBy,omitempty"`
}

type PipelineResultAppliedConnectionStream struct {
	// The name of the stream.
	Name string `json:"name"`

	// The namespace of the stream.
	Namespace string `json:"namespace,omitempty"`

	// What is done, or what apply would do. One of: 'add', 'change', 'leave', 'remove'.
	Action string `json:"action"`

	// The fields that change.
	Changes []PipelineResultAppliedSourceChange `json:"changes"`
}

type PipelineResultAppliedConnectionMoreStreams struct {
	Add *int64 `json:"add,omitempty"`

	Change *int64 `json:"change,omitempty"`

	Leave *int64 `json:"leave,omitempty"`

	Remove *int64 `json:"remove,omitempty"`
}

type PipelineResultAppliedConnectionSchemaDriftChange struct {
	// The name of the stream, with its namespace.
	Stream string `json:"stream"`

	// One of: 'stream added', 'stream removed', 'field added', 'field removed', 'type changed'.
	Kind string `json:"kind"`

	// The path of the field.
	Field string `json:"field,omitempty"`

	// The field's type in the connection.
	From string `json:"from,omitempty"`

	// The field's type in the source.
	To string `json:"to,omitempty"`
}

type PipelineResultAppliedConnectionSchemaDrift struct {
	Changes []PipelineResultAppliedConnectionSchemaDriftChange `json:"changes"`

	// How many further changes there are.
	MoreChanges int64 `json:"moreChanges"`
}

type PipelineResultAppliedConnection struct {
	// What is done, or what apply would do. One of: 'create', 'change', 'leave'.
	Action string `json:"action"`

	// The name of the object.
	Name string `json:"name"`

	// Airbyte's id; null if apply would create the object.
	ID *string `json:"id"`

	// The fields that change.
	Changes []PipelineResultAppliedSourceChange `json:"changes"`

	// Another pipeline that manages the object; left out if none does.
	ManagedBy string `json:"managedBy,omitempty"`

	// The streams; null if they cannot be known before the source was created or changed.
	Streams []PipelineResultAppliedConnectionStream `json:"streams"`

	// How many further streams there are, by action; left out when streams has all of them.
	MoreStreams *PipelineResultAppliedConnectionMoreStreams `json:"moreStreams,omitempty"`

	// How the source's schema differs from the connection's; left out when it does not.
	SchemaDrift *PipelineResultAppliedConnectionSchemaDrift `json:"schemaDrift,omitempty"`
}

type PipelineResultAppliedSchedule struct {
	// What is done, or what apply would do. One of: 'create', 'change', 'leave', 'remove'.
	Action string `json:"action"`

	// Temporal's id; null if apply would create the schedule.
	ID *string `json:"id"`

	// The fields that change.
	Changes []PipelineResultAppliedSourceChange `json:"changes"`
}

type PipelineResultAppliedCounts struct {
	// Objects that are created.
	Create int64 `json:"create"`

	// Objects that are changed. Streams are parts of their connection.
	Change int64 `json:"change"`

	// Schedules in Temporal that are deleted.
	Delete int64 `json:"delete"`
}

type PipelineResultApplied struct {
	// The source.
	Source PipelineResultAppliedSource `json:"source"`

	// The destination.
	Destination PipelineResultAppliedSource `json:"destination"`

	// The connection.
	Connection PipelineResultAppliedConnection `json:"connection"`

	// The schedule in Temporal; left out if there is none and none is desired.
	Schedule *PipelineResultAppliedSchedule `json:"schedule,omitempty"`

	// How many objects are created, changed and deleted.
	Counts PipelineResultAppliedCounts `json:"counts"`
}

type PipelineResultStream struct {
	// The name of the stream.
	Name string `json:"name"`

	// The namespace of the stream.
	Namespace string `json:"namespace,omitempty"`

	// full_refresh or incremental.
	SyncMode string `json:"syncMode"`

	// append, overwrite, append_dedup, …
	DestinationSyncMode string `json:"destinationSyncMode"`

	// The path of the cursor; empty if there is none.
	CursorField []string `json:"cursorField"`

	// The paths of the key fields; empty if there is none.
	PrimaryKey [][]string `json:"primaryKey"`
}

type PipelineResultSchedule struct {
	// Who starts the syncs from now on. One of: 'airbyte', 'temporal', 'nobody'.
	By string `json:"by"`

	// What this run did with the schedule. One of: 'created', 'updated', 'unchanged'.
	Outcome string `json:"outcome"`

	// The id of the schedule in Temporal, if Temporal starts the syncs.
	ScheduleID string `json:"scheduleId,omitempty"`

	// The id of a schedule in Temporal that this run deleted.
	Removed string `json:"removed,omitempty"`
}

type PipelineResult struct {
	// The id of the workspace.
	WorkspaceID string `json:"workspaceId"`

	// The id of the source.
	SourceID string `json:"sourceId"`

	// The id of the destination.
	DestinationID string `json:"destinationId"`

	// The id of the connection.
	ConnectionID string `json:"connectionId"`

	// Whether this run created the objects; false for objects that existed before.
	Created PipelineResultCreated `json:"created"`

	// What this run has created, changed, left and deleted.
	Applied PipelineResultApplied `json:"applied"`

	// The synced streams without their schemas: at most 1,000, and fewer if their names are long.
	Streams []PipelineResultStream `json:"streams"`

	// How many further streams there are; left out when streams has all of them.
	MoreStreams *int64 `json:"moreStreams,omitempty"`

	// What this run did with the schedule of its document.
	Schedule PipelineResultSchedule `json:"schedule"`

	// The result of the sync; null if the document says sync: false.
	Sync *SyncConnectionResult `json:"sync"`
}

type PipelineProgressApplied struct {
	// The source.
	Source *PipelineResultAppliedSource `json:"source,omitempty"`

	// The destination.
	Destination *PipelineResultAppliedSource `json:"destination,omitempty"`

	// The connection.
	Connection *PipelineResultAppliedConnection `json:"connection,omitempty"`

	// The schedule in Temporal; left out if there is none and none is desired.
	Schedule *PipelineResultAppliedSchedule `json:"schedule,omitempty"`
}

type PipelineProgress struct {
	// The name of the pipeline.
	Name string `json:"name"`

	// The current step; after the run has ended done, failed or cancelled. One of: 'workspace', 'definitions',
	// 'check', 'discovery', 'actors', 'connection', 'sync', 'done', 'failed', 'cancelled'.
	Phase string `json:"phase"`

	// Whether this run created the objects; false for objects that existed before.
	Created PipelineResultCreated `json:"created"`

	// What the run has created, changed, left and deleted so far.
	Applied *PipelineProgressApplied `json:"applied,omitempty"`

	// What was unusual in this run.
	Notes []string `json:"notes"`

	// The URL of the connection in Airbyte's web app, as soon as it is known.
	ConnectionURL string `json:"connectionUrl,omitempty"`

	// The workflow id of the sync, after it has started.
	SyncWorkflowID string `json:"syncWorkflowId,omitempty"`

	// Why the run failed or was cancelled.
	Failure *SyncProgressFailure `json:"failure,omitempty"`

	// The step in which the run failed. One of: 'workspace', 'definitions', 'check', 'discovery', 'actors',
	// 'connection', 'sync'.
	FailedStep string `json:"failedStep,omitempty"`

	// The id of the workspace.
	WorkspaceID string `json:"workspaceId,omitempty"`

	// The id of the source.
	SourceID string `json:"sourceId,omitempty"`

	// The id of the destination.
	DestinationID string `json:"destinationId,omitempty"`

	// The id of the connection.
	ConnectionID string `json:"connectionId,omitempty"`

	// The synced streams without their schemas: at most 1,000, and fewer if their names are long.
	Streams []PipelineResultStream `json:"streams,omitempty"`

	// How many further streams there are; left out when streams has all of them.
	MoreStreams *int64 `json:"moreStreams,omitempty"`

	// What this run did with the schedule of its document.
	Schedule *PipelineResultSchedule `json:"schedule,omitempty"`

	// The result of the sync; null if the document says sync: false.
	Sync *SyncConnectionResult `json:"sync,omitempty"`
}

type FleetResultCounts struct {
	Succeeded int64 `json:"succeeded"`

	Failed int64 `json:"failed"`

	Skipped int64 `json:"skipped"`

	Cancelled int64 `json:"cancelled"`
}

type FleetResultConnection struct {
	// The id of the connection.
	ConnectionID string `json:"connectionId"`

	// The name of the connection.
	Name string `json:"name"`

	// How its sync ended. One of: 'succeeded', 'failed', 'skipped', 'cancelled'.
	Outcome string `json:"outcome"`

	// The records; null if Airbyte has not measured them.
	RecordsSynced *int64 `json:"recordsSynced,omitempty"`

	// The bytes; null if Airbyte has not measured them.
	BytesSynced *int64 `json:"bytesSynced,omitempty"`

	// The id of the job in Airbyte.
	JobID *int64 `json:"jobId,omitempty"`

	// The type of the failure, if the sync failed.
	Type string `json:"type,omitempty"`

	// Why the sync did not succeed.
	Message string `json:"message,omitempty"`
}

type FleetResult struct {
	// The name of the fleet.
	Name string `json:"name"`

	// How many connections have ended in which way.
	Counts FleetResultCounts `json:"counts"`

	// The sum of the measured records; null if none was measured.
	RecordsSynced *int64 `json:"recordsSynced"`

	// The sum of the measured bytes; null if none was measured.
	BytesSynced *int64 `json:"bytesSynced"`

	// How many syncs succeeded without counts; left out when there are none.
	Unmeasured *int64 `json:"unmeasured,omitempty"`

	// The connections, in the order of the document.
	Connections []FleetResultConnection `json:"connections"`
}

type FleetProgressCounts struct {
	Waiting int64 `json:"waiting"`

	Running int64 `json:"running"`

	Succeeded int64 `json:"succeeded"`

	Failed int64 `json:"failed"`

	Skipped int64 `json:"skipped"`

	Cancelled int64 `json:"cancelled"`
}

type FleetProgressLevel struct {
	// The id of the connection.
	ConnectionID string `json:"connectionId"`

	// The name of the connection.
	Name string `json:"name"`

	// One of: 'waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled'.
	Phase string `json:"phase"`

	// The ids of the connections that must succeed before.
	DependsOn []string `json:"dependsOn"`

	// The workflow id of its sync while that runs.
	SyncWorkflowID string `json:"syncWorkflowId,omitempty"`

	// The records; null if Airbyte has not measured them.
	RecordsSynced *int64 `json:"recordsSynced,omitempty"`

	// The bytes; null if Airbyte has not measured them.
	BytesSynced *int64 `json:"bytesSynced,omitempty"`

	// The id of the job in Airbyte.
	JobID *int64 `json:"jobId,omitempty"`

	// The type of the failure, if the sync failed.
	Type string `json:"type,omitempty"`

	// Why the sync did not succeed.
	Message string `json:"message,omitempty"`
}

type FleetProgress struct {
	// The name of the fleet.
	Name string `json:"name"`

	// How the fleet stands; after it has ended done, failed or cancelled. One of: 'selecting', 'syncing',
	// 'pausing', 'cancelling', 'done', 'failed', 'cancelled'.
	Phase string `json:"phase"`

	// The limit of concurrent syncs.
	MaxConcurrent int64 `json:"maxConcurrent"`

	// The connections by their phase.
	Counts FleetProgressCounts `json:"counts"`

	// By dependency: the connections of the first level depend on none.
	Levels [][]FleetProgressLevel `json:"levels"`
}
