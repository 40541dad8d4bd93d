package airbyte;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * The types of what the workflows of temporal-airbyte take, return and report.
 *
 * <p>{@code npm run schema} writes this file from the JSON Schemas of the package. A field that takes values of several types is an
 * {@code Object}. Results may have more fields, and choices more values, in later releases.
 */
public final class AirbyteTypes {
  private AirbyteTypes() {}

  /**
   * @param total
   *     The minimum for all streams together.
   * @param streams
   *     The minimum for each stream, by its name or by &lt;namespace&gt;.&lt;name&gt;.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SyncConnectionInputMinimumRecords(
      @JsonInclude(JsonInclude.Include.NON_NULL) Long total,
      @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Long> streams) {
    public static SyncConnectionInputMinimumRecords of() {
      return new SyncConnectionInputMinimumRecords(null, null);
    }

    public SyncConnectionInputMinimumRecords withTotal(Long total) {
      return new SyncConnectionInputMinimumRecords(total, streams);
    }

    public SyncConnectionInputMinimumRecords withStreams(Map<String, Long> streams) {
      return new SyncConnectionInputMinimumRecords(total, streams);
    }
  }

  /**
   * @param connectionId
   *     The id of the Airbyte connection.
   * @param jobType
   *     The type of job to run on the connection. One of: 'sync', 'reset', 'refresh', 'clear'.
   * @param onRunning
   *     What to do when a job of the connection is already running: attach to that job, queue a job of our
   *     own after it, skip the sync, or fail. One of: 'attach', 'queue', 'skip', 'fail'.
   * @param timeout
   *     How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.
   * @param onTimeout
   *     What to do with the job after the timeout: cancel it, or leave it running. One of: 'cancel', 'leave'.
   * @param stallTimeout
   *     Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long:
   *     neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the
   *     timeout applies.
   * @param maximumAttempts
   *     How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.
   * @param minimumRecords
   *     Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.
   * @param unmeasured
   *     What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail.
   *     One of: 'accept', 'warn', 'fail'.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SyncConnectionInput(
      String connectionId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String jobType,
      @JsonInclude(JsonInclude.Include.NON_NULL) String onRunning,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object timeout,
      @JsonInclude(JsonInclude.Include.NON_NULL) String onTimeout,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object stallTimeout,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long maximumAttempts,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object minimumRecords,
      @JsonInclude(JsonInclude.Include.NON_NULL) String unmeasured) {
    public static SyncConnectionInput of(String connectionId) {
      return new SyncConnectionInput(connectionId, null, null, null, null, null, null, null, null);
    }

    public SyncConnectionInput withJobType(String jobType) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withOnRunning(String onRunning) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withTimeout(Object timeout) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withOnTimeout(String onTimeout) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withStallTimeout(Object stallTimeout) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withMaximumAttempts(Long maximumAttempts) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withMinimumRecords(Object minimumRecords) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public SyncConnectionInput withUnmeasured(String unmeasured) {
      return new SyncConnectionInput(connectionId, jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }
  }

  /**
   * @param name
   *     The name of the source in Airbyte. If the workspace has no source of this name, it is created.
   * @param definition
   *     The connector definition: its id, its exact name, or a part of the name that no other definition
   *     contains.
   * @param configuration
   *     The connector's settings, with the connector's own keys. Write references in place of secrets:
   *     ${env:SECRET_NAME} or ${file:name}.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineDocumentSource(
      String name,
      String definition,
      Map<String, Object> configuration) {
    public static PipelineDocumentSource of(String name, String definition, Map<String, Object> configuration) {
      return new PipelineDocumentSource(name, definition, configuration);
    }
  }

  /**
   * @param name
   *     The name of the destination in Airbyte. If the workspace has no destination of this name, it is
   *     created.
   * @param definition
   *     The connector definition: its id, its exact name, or a part of the name that no other definition
   *     contains.
   * @param configuration
   *     The connector's settings, with the connector's own keys. Write references in place of secrets:
   *     ${env:SECRET_NAME} or ${file:name}.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineDocumentDestination(
      String name,
      String definition,
      Map<String, Object> configuration) {
    public static PipelineDocumentDestination of(String name, String definition, Map<String, Object> configuration) {
      return new PipelineDocumentDestination(name, definition, configuration);
    }
  }

  /**
   * @param name
   *     The name of the stream: a table, a collection, an endpoint. With * for any text (order_*), it is a
   *     pattern for every stream of the source that matches and is not listed by its name. If two patterns
   *     match, the first one applies.
   * @param namespace
   *     The namespace of the stream (in Postgres, the schema), or a pattern with *. It is required if two
   *     streams have the same name.
   * @param syncMode
   *     full_refresh reads all records in each sync; incremental reads only records that are new since the
   *     last sync. One of: 'full_refresh', 'incremental'.
   * @param destinationSyncMode
   *     What a sync does with the rows that are already in the destination. One of: 'append', 'overwrite',
   *     'append_dedup', 'overwrite_dedup', 'update', 'soft_delete'.
   * @param cursorField
   *     The field by which an incremental sync finds new records. A list of names is the path of a nested
   *     field.
   * @param primaryKey
   *     The fields that identify a record: [id]. A list within the list is the path of a nested field.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineDocumentConnectionStream(
      String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namespace,
      String syncMode,
      String destinationSyncMode,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object cursorField,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object primaryKey) {
    public static PipelineDocumentConnectionStream of(String name, String syncMode, String destinationSyncMode) {
      return new PipelineDocumentConnectionStream(name, null, syncMode, destinationSyncMode, null, null);
    }

    public PipelineDocumentConnectionStream withNamespace(String namespace) {
      return new PipelineDocumentConnectionStream(name, namespace, syncMode, destinationSyncMode, cursorField, primaryKey);
    }

    public PipelineDocumentConnectionStream withCursorField(Object cursorField) {
      return new PipelineDocumentConnectionStream(name, namespace, syncMode, destinationSyncMode, cursorField, primaryKey);
    }

    public PipelineDocumentConnectionStream withPrimaryKey(Object primaryKey) {
      return new PipelineDocumentConnectionStream(name, namespace, syncMode, destinationSyncMode, cursorField, primaryKey);
    }
  }

  /**
   * @param name
   *     The name of the connection in Airbyte. If left out: &lt;source&gt; → &lt;destination&gt;.
   * @param namespaceDefinition
   *     The namespace in the destination: that of the source, the default of the destination, or
   *     namespaceFormat. One of: 'source', 'destination', 'customformat'.
   * @param namespaceFormat
   *     The namespace for customformat; ${SOURCE_NAMESPACE} stands for the namespace of the source.
   * @param prefix
   *     A prefix for the name of each stream in the destination.
   * @param status
   *     An inactive connection does not sync. One of: 'active', 'inactive'.
   * @param schedule
   *     When syncs start. Airbyte starts them or, with by: temporal, Temporal. manual: only on request.
   * @param schemaChanges
   *     What to do when the source's schema has changed. ignore only reports the changes. propagate applies
   *     new, removed and changed fields to the connection. fail fails before the sync, and makes Airbyte
   *     disable the connection when Airbyte detects a change. If left out, Airbyte's setting stays. One of:
   *     'ignore', 'propagate', 'fail'.
   * @param streams
   *     The streams to sync. Other streams are not synced.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineDocumentConnection(
      @JsonInclude(JsonInclude.Include.NON_NULL) String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namespaceDefinition,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namespaceFormat,
      @JsonInclude(JsonInclude.Include.NON_NULL) String prefix,
      @JsonInclude(JsonInclude.Include.NON_NULL) String status,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object schedule,
      @JsonInclude(JsonInclude.Include.NON_NULL) String schemaChanges,
      List<PipelineDocumentConnectionStream> streams) {
    public static PipelineDocumentConnection of(List<PipelineDocumentConnectionStream> streams) {
      return new PipelineDocumentConnection(null, null, null, null, null, null, null, streams);
    }

    public PipelineDocumentConnection withName(String name) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }

    public PipelineDocumentConnection withNamespaceDefinition(String namespaceDefinition) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }

    public PipelineDocumentConnection withNamespaceFormat(String namespaceFormat) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }

    public PipelineDocumentConnection withPrefix(String prefix) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }

    public PipelineDocumentConnection withStatus(String status) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }

    public PipelineDocumentConnection withSchedule(Object schedule) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }

    public PipelineDocumentConnection withSchemaChanges(String schemaChanges) {
      return new PipelineDocumentConnection(name, namespaceDefinition, namespaceFormat, prefix, status, schedule, schemaChanges, streams);
    }
  }

  /**
   * @param jobType
   *     The type of job to run on the connection. One of: 'sync', 'reset', 'refresh', 'clear'.
   * @param onRunning
   *     What to do when a job of the connection is already running: attach to that job, queue a job of our
   *     own after it, skip the sync, or fail. One of: 'attach', 'queue', 'skip', 'fail'.
   * @param timeout
   *     How long to wait for the end of the job: 90m, 6h, 1 day, PT30M, or a number of milliseconds.
   * @param onTimeout
   *     What to do with the job after the timeout: cancel it, or leave it running. One of: 'cancel', 'leave'.
   * @param stallTimeout
   *     Cancel the job and make another attempt, if there is one left, when nothing moves in it for so long:
   *     neither its status, nor its attempts, nor its counts of records and bytes. If left out, only the
   *     timeout applies.
   * @param maximumAttempts
   *     How many jobs to run at most until one succeeds. Within each job, Airbyte makes attempts of its own.
   * @param minimumRecords
   *     Fail if a job succeeded with fewer records than this, or if Airbyte has not measured them.
   * @param unmeasured
   *     What to do if a sync succeeded and Airbyte has not measured its records: accept it, warn, or fail.
   *     One of: 'accept', 'warn', 'fail'.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineDocumentSync(
      @JsonInclude(JsonInclude.Include.NON_NULL) String jobType,
      @JsonInclude(JsonInclude.Include.NON_NULL) String onRunning,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object timeout,
      @JsonInclude(JsonInclude.Include.NON_NULL) String onTimeout,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object stallTimeout,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long maximumAttempts,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object minimumRecords,
      @JsonInclude(JsonInclude.Include.NON_NULL) String unmeasured) {
    public static PipelineDocumentSync of() {
      return new PipelineDocumentSync(null, null, null, null, null, null, null, null);
    }

    public PipelineDocumentSync withJobType(String jobType) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withOnRunning(String onRunning) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withTimeout(Object timeout) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withOnTimeout(String onTimeout) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withStallTimeout(Object stallTimeout) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withMaximumAttempts(Long maximumAttempts) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withMinimumRecords(Object minimumRecords) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }

    public PipelineDocumentSync withUnmeasured(String unmeasured) {
      return new PipelineDocumentSync(jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured);
    }
  }

  /**
   * @param name
   *     The name of the pipeline. Its workflow has the id airbyte-pipeline:&lt;name&gt;.
   * @param workspace
   *     The Airbyte workspace, by id or name. If left out: the only one, or the first of several.
   * @param source
   *     The source.
   * @param destination
   *     The destination.
   * @param connection
   *     The connection: what to sync, how, and when.
   * @param sync
   *     The options of the sync that follows. false: only apply the document.
   * @param takeOver
   *     Whether this pipeline takes over the objects that it would change and that another pipeline manages.
   *     If left out, the run fails instead.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineDocument(
      String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String workspace,
      PipelineDocumentSource source,
      PipelineDocumentDestination destination,
      PipelineDocumentConnection connection,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object sync,
      @JsonInclude(JsonInclude.Include.NON_NULL) Boolean takeOver) {
    public static PipelineDocument of(String name, PipelineDocumentSource source, PipelineDocumentDestination destination, PipelineDocumentConnection connection) {
      return new PipelineDocument(name, null, source, destination, connection, null, null);
    }

    public PipelineDocument withWorkspace(String workspace) {
      return new PipelineDocument(name, workspace, source, destination, connection, sync, takeOver);
    }

    public PipelineDocument withSync(Object sync) {
      return new PipelineDocument(name, workspace, source, destination, connection, sync, takeOver);
    }

    public PipelineDocument withTakeOver(Boolean takeOver) {
      return new PipelineDocument(name, workspace, source, destination, connection, sync, takeOver);
    }
  }

  /**
   * @param connection
   *     The id or name of the connection.
   * @param dependsOn
   *     The connections that must succeed before this one starts, each by the id or name that this document
   *     uses.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetInputConnection(
      String connection,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object dependsOn) {
    public static FleetInputConnection of(String connection) {
      return new FleetInputConnection(connection, null);
    }

    public FleetInputConnection withDependsOn(Object dependsOn) {
      return new FleetInputConnection(connection, dependsOn);
    }
  }

  /**
   * @param workspace
   *     The Airbyte workspace, by id or name. If left out: the only one, or the first of several.
   * @param namePattern
   *     A pattern for the names of the connections; * stands for any text. If left out, every name matches.
   * @param tags
   *     The names of tags in Airbyte: a connection must have at least one of them. Airbyte supports tags
   *     since 1.6.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetInputSelect(
      @JsonInclude(JsonInclude.Include.NON_NULL) String workspace,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namePattern,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<String> tags) {
    public static FleetInputSelect of() {
      return new FleetInputSelect(null, null, null);
    }

    public FleetInputSelect withWorkspace(String workspace) {
      return new FleetInputSelect(workspace, namePattern, tags);
    }

    public FleetInputSelect withNamePattern(String namePattern) {
      return new FleetInputSelect(workspace, namePattern, tags);
    }

    public FleetInputSelect withTags(List<String> tags) {
      return new FleetInputSelect(workspace, namePattern, tags);
    }
  }

  /**
   * @param name
   *     The name of the fleet. If left out, the fleet has the name of its workflow.
   * @param fleet
   *     The same as name; documents use this key.
   * @param connections
   *     The connections to sync, each by its id or name.
   * @param select
   *     Which active connections of a workspace to sync, instead of a list: all, or those that match.
   * @param dependsOn
   *     For each connection, the connections that must succeed before it starts, by the ids or names that
   *     this document uses.
   * @param maxConcurrent
   *     How many connections may sync at the same time.
   * @param onFailure
   *     What happens to the other connections when one fails. continue: those that do not depend on it still
   *     run. stop: running syncs finish, and no more start. One of: 'continue', 'stop'.
   * @param sync
   *     The options of each sync.
   * @param schedule
   *     When Temporal starts the fleet. The workflow ignores it: `temporal-airbyte apply` and `run` set up
   *     the schedule.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetInput(
      @JsonInclude(JsonInclude.Include.NON_NULL) String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String fleet,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<Object> connections,
      @JsonInclude(JsonInclude.Include.NON_NULL) FleetInputSelect select,
      @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Object> dependsOn,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long maxConcurrent,
      @JsonInclude(JsonInclude.Include.NON_NULL) String onFailure,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineDocumentSync sync,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object schedule) {
    public static FleetInput of() {
      return new FleetInput(null, null, null, null, null, null, null, null, null);
    }

    public FleetInput withName(String name) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withFleet(String fleet) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withConnections(List<Object> connections) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withSelect(FleetInputSelect select) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withDependsOn(Map<String, Object> dependsOn) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withMaxConcurrent(Long maxConcurrent) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withOnFailure(String onFailure) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withSync(PipelineDocumentSync sync) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }

    public FleetInput withSchedule(Object schedule) {
      return new FleetInput(name, fleet, connections, select, dependsOn, maxConcurrent, onFailure, sync, schedule);
    }
  }

  /**
   * @param name
   *     The name of the stream.
   * @param namespace
   *     The namespace of the stream.
   * @param recordsSynced
   *     The records; null if Airbyte has not measured them.
   * @param bytesSynced
   *     The bytes; null if Airbyte has not measured them.
   * @param recordsRejected
   *     The records that the destination has rejected.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SyncConnectionResultStream(
      String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namespace,
      Long recordsSynced,
      Long bytesSynced,
      long recordsRejected) {
  }

  /**
   * @param connectionId
   *     The id of the connection.
   * @param jobId
   *     The id of the job in Airbyte.
   * @param status
   *     succeeded; or skipped if another job was running and onRunning is skip.
   * @param recordsSynced
   *     The records; null if Airbyte has not measured them.
   * @param bytesSynced
   *     The bytes; null if Airbyte has not measured them.
   * @param recordsRejected
   *     The records that the destination has rejected.
   * @param streams
   *     The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports
   *     none.
   * @param startedAt
   *     When the job was started. ISO 8601; null if it is not known.
   * @param endedAt
   *     When the job ended. ISO 8601; null if it is not known.
   * @param attempts
   *     How many jobs the sync ran, at most maximumAttempts.
   * @param attached
   *     Whether the sync attached to a job that another caller had started.
   * @param warnings
   *     Warnings although the sync succeeded; left out when there are none.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SyncConnectionResult(
      String connectionId,
      long jobId,
      String status,
      Long recordsSynced,
      Long bytesSynced,
      long recordsRejected,
      List<SyncConnectionResultStream> streams,
      String startedAt,
      String endedAt,
      long attempts,
      boolean attached,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<String> warnings) {
  }

  /**
   * @param type
   *     The type of the failure; Cancelled if the run was cancelled.
   * @param message
   *     Why it failed.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SyncProgressFailure(
      String type,
      String message) {
  }

  /**
   * @param connectionId
   *     The id of the connection.
   * @param connectionUrl
   *     The URL of the connection in Airbyte's web app, as soon as it is known.
   * @param phase
   *     How the sync stands; after it has ended done, failed or cancelled. One of: 'starting', 'queued',
   *     'running', 'cancelling', 'retrying', 'done', 'failed', 'cancelled'.
   * @param attempt
   *     The current attempt, from 1 on.
   * @param maximumAttempts
   *     The limit of attempts.
   * @param warnings
   *     Warnings about a sync that has succeeded.
   * @param lastFailure
   *     Why the previous attempt failed.
   * @param failure
   *     Why the run failed or was cancelled.
   * @param jobId
   *     The id of the job in Airbyte.
   * @param status
   *     The status of the job: running until it has ended.
   * @param attached
   *     Whether another caller had started the job.
   * @param recordsSynced
   *     The records; null if Airbyte has not measured them.
   * @param bytesSynced
   *     The bytes; null if Airbyte has not measured them.
   * @param recordsRejected
   *     The records that the destination has rejected.
   * @param streams
   *     The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports
   *     none.
   * @param startedAt
   *     When the job was started. ISO 8601; null if it is not known.
   * @param endedAt
   *     When the job ended. ISO 8601; null if it is not known.
   * @param moreStreams
   *     How many further streams there are; left out when streams has all of them.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SyncProgress(
      String connectionId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String connectionUrl,
      String phase,
      long attempt,
      long maximumAttempts,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<String> warnings,
      @JsonInclude(JsonInclude.Include.NON_NULL) String lastFailure,
      @JsonInclude(JsonInclude.Include.NON_NULL) SyncProgressFailure failure,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long jobId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String status,
      @JsonInclude(JsonInclude.Include.NON_NULL) Boolean attached,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long recordsSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long bytesSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long recordsRejected,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<SyncConnectionResultStream> streams,
      @JsonInclude(JsonInclude.Include.NON_NULL) String startedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) String endedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long moreStreams) {
  }

  /**
   * @param jobId
   *     The id of the job in Airbyte.
   * @param status
   *     Its status.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record JobOutcomeSuccessor(
      long jobId,
      String status) {
  }

  /**
   * @param origin
   *     The part that failed: source, destination, replication, …
   * @param type
   *     Airbyte's kind of failure: config_error, system_error, …
   * @param message
   *     Airbyte's reason.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record JobOutcomeFailure(
      @JsonInclude(JsonInclude.Include.NON_NULL) String origin,
      @JsonInclude(JsonInclude.Include.NON_NULL) String type,
      String message) {
  }

  /**
   * @param jobId
   *     The id of the job in Airbyte.
   * @param status
   *     The status of the job in Airbyte.
   * @param recordsSynced
   *     The records; null if Airbyte has not measured them.
   * @param bytesSynced
   *     The bytes; null if Airbyte has not measured them.
   * @param recordsRejected
   *     The records that the destination has rejected.
   * @param streams
   *     The counts of at most 100 streams, the one with the most records first; empty if Airbyte reports
   *     none.
   * @param startedAt
   *     When the job was started. ISO 8601; null if it is not known.
   * @param endedAt
   *     When the job ended. ISO 8601; null if it is not known.
   * @param recordsEmitted
   *     The records that the source has sent, if Airbyte reports them.
   * @param moreStreams
   *     How many further streams there are; left out when streams has all of them.
   * @param jobAttempts
   *     Airbyte's attempts of the job.
   * @param notBegun
   *     Whether the job was cancelled before its first attempt.
   * @param notBegunBecause
   *     Why the job had not begun.
   * @param successor
   *     The job that Airbyte has started instead of one that it cancelled before its first attempt.
   * @param stalledSince
   *     Since when nothing has moved in the job, if it has stalled: ISO 8601.
   * @param partialSuccess
   *     Whether a job that did not succeed has moved some data.
   * @param failure
   *     Why the job failed, if Airbyte reports a reason.
   * @param logLines
   *     The last lines of the log of a failed job's last attempt.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record JobOutcome(
      long jobId,
      String status,
      Long recordsSynced,
      Long bytesSynced,
      long recordsRejected,
      List<SyncConnectionResultStream> streams,
      String startedAt,
      String endedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long recordsEmitted,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long moreStreams,
      long jobAttempts,
      @JsonInclude(JsonInclude.Include.NON_NULL) Boolean notBegun,
      @JsonInclude(JsonInclude.Include.NON_NULL) String notBegunBecause,
      @JsonInclude(JsonInclude.Include.NON_NULL) JobOutcomeSuccessor successor,
      @JsonInclude(JsonInclude.Include.NON_NULL) String stalledSince,
      boolean partialSuccess,
      @JsonInclude(JsonInclude.Include.NON_NULL) JobOutcomeFailure failure,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<String> logLines) {
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultCreated(
      boolean source,
      boolean destination,
      boolean connection) {
  }

  /**
   * @param field
   *     The field as the document names it.
   * @param from
   *     The value in Airbyte, masked where it contains a secret.
   * @param to
   *     The value in the document, masked where it contains a secret.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedSourceChange(
      String field,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object from,
      @JsonInclude(JsonInclude.Include.NON_NULL) Object to) {
  }

  /**
   * @param action
   *     What is done, or what apply would do. One of: 'create', 'change', 'leave'.
   * @param name
   *     The name of the object.
   * @param id
   *     Airbyte's id; null if apply would create the object.
   * @param changes
   *     The fields that change.
   * @param managedBy
   *     Another pipeline that manages the object; left out if none does.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedSource(
      String action,
      String name,
      String id,
      List<PipelineResultAppliedSourceChange> changes,
      @JsonInclude(JsonInclude.Include.NON_NULL) String managedBy) {
  }

  /**
   * @param name
   *     The name of the stream.
   * @param namespace
   *     The namespace of the stream.
   * @param action
   *     What is done, or what apply would do. One of: 'add', 'change', 'leave', 'remove'.
   * @param changes
   *     The fields that change.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedConnectionStream(
      String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namespace,
      String action,
      List<PipelineResultAppliedSourceChange> changes) {
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedConnectionMoreStreams(
      @JsonInclude(JsonInclude.Include.NON_NULL) Long add,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long change,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long leave,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long remove) {
  }

  /**
   * @param stream
   *     The name of the stream, with its namespace.
   * @param kind
   *     One of: 'stream added', 'stream removed', 'field added', 'field removed', 'type changed'.
   * @param field
   *     The path of the field.
   * @param from
   *     The field's type in the connection.
   * @param to
   *     The field's type in the source.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedConnectionSchemaDriftChange(
      String stream,
      String kind,
      @JsonInclude(JsonInclude.Include.NON_NULL) String field,
      @JsonInclude(JsonInclude.Include.NON_NULL) String from,
      @JsonInclude(JsonInclude.Include.NON_NULL) String to) {
  }

  /**
   * @param moreChanges
   *     How many further changes there are.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedConnectionSchemaDrift(
      List<PipelineResultAppliedConnectionSchemaDriftChange> changes,
      long moreChanges) {
  }

  /**
   * @param action
   *     What is done, or what apply would do. One of: 'create', 'change', 'leave'.
   * @param name
   *     The name of the object.
   * @param id
   *     Airbyte's id; null if apply would create the object.
   * @param changes
   *     The fields that change.
   * @param managedBy
   *     Another pipeline that manages the object; left out if none does.
   * @param streams
   *     The streams; null if they cannot be known before the source was created or changed.
   * @param moreStreams
   *     How many further streams there are, by action; left out when streams has all of them.
   * @param schemaDrift
   *     How the source's schema differs from the connection's; left out when it does not.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedConnection(
      String action,
      String name,
      String id,
      List<PipelineResultAppliedSourceChange> changes,
      @JsonInclude(JsonInclude.Include.NON_NULL) String managedBy,
      List<PipelineResultAppliedConnectionStream> streams,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedConnectionMoreStreams moreStreams,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedConnectionSchemaDrift schemaDrift) {
  }

  /**
   * @param action
   *     What is done, or what apply would do. One of: 'create', 'change', 'leave', 'remove'.
   * @param id
   *     Temporal's id; null if apply would create the schedule.
   * @param changes
   *     The fields that change.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedSchedule(
      String action,
      String id,
      List<PipelineResultAppliedSourceChange> changes) {
  }

  /**
   * @param create
   *     Objects that are created.
   * @param change
   *     Objects that are changed. Streams are parts of their connection.
   * @param delete
   *     Schedules in Temporal that are deleted.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultAppliedCounts(
      long create,
      long change,
      long delete) {
  }

  /**
   * @param source
   *     The source.
   * @param destination
   *     The destination.
   * @param connection
   *     The connection.
   * @param schedule
   *     The schedule in Temporal; left out if there is none and none is desired.
   * @param counts
   *     How many objects are created, changed and deleted.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultApplied(
      PipelineResultAppliedSource source,
      PipelineResultAppliedSource destination,
      PipelineResultAppliedConnection connection,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedSchedule schedule,
      PipelineResultAppliedCounts counts) {
  }

  /**
   * @param name
   *     The name of the stream.
   * @param namespace
   *     The namespace of the stream.
   * @param syncMode
   *     full_refresh or incremental.
   * @param destinationSyncMode
   *     append, overwrite, append_dedup, …
   * @param cursorField
   *     The path of the cursor; empty if there is none.
   * @param primaryKey
   *     The paths of the key fields; empty if there is none.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultStream(
      String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) String namespace,
      String syncMode,
      String destinationSyncMode,
      List<String> cursorField,
      List<List<String>> primaryKey) {
  }

  /**
   * @param by
   *     Who starts the syncs from now on. One of: 'airbyte', 'temporal', 'nobody'.
   * @param outcome
   *     What this run did with the schedule. One of: 'created', 'updated', 'unchanged'.
   * @param scheduleId
   *     The id of the schedule in Temporal, if Temporal starts the syncs.
   * @param removed
   *     The id of a schedule in Temporal that this run deleted.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResultSchedule(
      String by,
      String outcome,
      @JsonInclude(JsonInclude.Include.NON_NULL) String scheduleId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String removed) {
  }

  /**
   * @param workspaceId
   *     The id of the workspace.
   * @param sourceId
   *     The id of the source.
   * @param destinationId
   *     The id of the destination.
   * @param connectionId
   *     The id of the connection.
   * @param created
   *     Whether this run created the objects; false for objects that existed before.
   * @param applied
   *     What this run has created, changed, left and deleted.
   * @param streams
   *     The synced streams without their schemas: at most 1,000, and fewer if their names are long.
   * @param moreStreams
   *     How many further streams there are; left out when streams has all of them.
   * @param schedule
   *     What this run did with the schedule of its document.
   * @param sync
   *     The result of the sync; null if the document says sync: false.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineResult(
      String workspaceId,
      String sourceId,
      String destinationId,
      String connectionId,
      PipelineResultCreated created,
      PipelineResultApplied applied,
      List<PipelineResultStream> streams,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long moreStreams,
      PipelineResultSchedule schedule,
      SyncConnectionResult sync) {
  }

  /**
   * @param source
   *     The source.
   * @param destination
   *     The destination.
   * @param connection
   *     The connection.
   * @param schedule
   *     The schedule in Temporal; left out if there is none and none is desired.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineProgressApplied(
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedSource source,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedSource destination,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedConnection connection,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultAppliedSchedule schedule) {
  }

  /**
   * @param name
   *     The name of the pipeline.
   * @param phase
   *     The current step; after the run has ended done, failed or cancelled. One of: 'workspace',
   *     'definitions', 'check', 'discovery', 'actors', 'connection', 'sync', 'done', 'failed', 'cancelled'.
   * @param created
   *     Whether this run created the objects; false for objects that existed before.
   * @param applied
   *     What the run has created, changed, left and deleted so far.
   * @param notes
   *     What was unusual in this run.
   * @param connectionUrl
   *     The URL of the connection in Airbyte's web app, as soon as it is known.
   * @param syncWorkflowId
   *     The workflow id of the sync, after it has started.
   * @param failure
   *     Why the run failed or was cancelled.
   * @param failedStep
   *     The step in which the run failed. One of: 'workspace', 'definitions', 'check', 'discovery', 'actors',
   *     'connection', 'sync'.
   * @param workspaceId
   *     The id of the workspace.
   * @param sourceId
   *     The id of the source.
   * @param destinationId
   *     The id of the destination.
   * @param connectionId
   *     The id of the connection.
   * @param streams
   *     The synced streams without their schemas: at most 1,000, and fewer if their names are long.
   * @param moreStreams
   *     How many further streams there are; left out when streams has all of them.
   * @param schedule
   *     What this run did with the schedule of its document.
   * @param sync
   *     The result of the sync; null if the document says sync: false.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PipelineProgress(
      String name,
      String phase,
      PipelineResultCreated created,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineProgressApplied applied,
      List<String> notes,
      @JsonInclude(JsonInclude.Include.NON_NULL) String connectionUrl,
      @JsonInclude(JsonInclude.Include.NON_NULL) String syncWorkflowId,
      @JsonInclude(JsonInclude.Include.NON_NULL) SyncProgressFailure failure,
      @JsonInclude(JsonInclude.Include.NON_NULL) String failedStep,
      @JsonInclude(JsonInclude.Include.NON_NULL) String workspaceId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String sourceId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String destinationId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String connectionId,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<PipelineResultStream> streams,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long moreStreams,
      @JsonInclude(JsonInclude.Include.NON_NULL) PipelineResultSchedule schedule,
      @JsonInclude(JsonInclude.Include.NON_NULL) SyncConnectionResult sync) {
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetResultCounts(
      long succeeded,
      long failed,
      long skipped,
      long cancelled) {
  }

  /**
   * @param connectionId
   *     The id of the connection.
   * @param name
   *     The name of the connection.
   * @param outcome
   *     How its sync ended. One of: 'succeeded', 'failed', 'skipped', 'cancelled'.
   * @param recordsSynced
   *     The records; null if Airbyte has not measured them.
   * @param bytesSynced
   *     The bytes; null if Airbyte has not measured them.
   * @param jobId
   *     The id of the job in Airbyte.
   * @param type
   *     The type of the failure, if the sync failed.
   * @param message
   *     Why the sync did not succeed.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetResultConnection(
      String connectionId,
      String name,
      String outcome,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long recordsSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long bytesSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long jobId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String type,
      @JsonInclude(JsonInclude.Include.NON_NULL) String message) {
  }

  /**
   * @param name
   *     The name of the fleet.
   * @param counts
   *     How many connections have ended in which way.
   * @param recordsSynced
   *     The sum of the measured records; null if none was measured.
   * @param bytesSynced
   *     The sum of the measured bytes; null if none was measured.
   * @param unmeasured
   *     How many syncs succeeded without counts; left out when there are none.
   * @param connections
   *     The connections, in the order of the document.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetResult(
      String name,
      FleetResultCounts counts,
      Long recordsSynced,
      Long bytesSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long unmeasured,
      List<FleetResultConnection> connections) {
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetProgressCounts(
      long waiting,
      long running,
      long succeeded,
      long failed,
      long skipped,
      long cancelled) {
  }

  /**
   * @param connectionId
   *     The id of the connection.
   * @param name
   *     The name of the connection.
   * @param phase
   *     One of: 'waiting', 'running', 'succeeded', 'failed', 'skipped', 'cancelled'.
   * @param dependsOn
   *     The ids of the connections that must succeed before.
   * @param syncWorkflowId
   *     The workflow id of its sync while that runs.
   * @param recordsSynced
   *     The records; null if Airbyte has not measured them.
   * @param bytesSynced
   *     The bytes; null if Airbyte has not measured them.
   * @param jobId
   *     The id of the job in Airbyte.
   * @param type
   *     The type of the failure, if the sync failed.
   * @param message
   *     Why the sync did not succeed.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetProgressLevel(
      String connectionId,
      String name,
      String phase,
      List<String> dependsOn,
      @JsonInclude(JsonInclude.Include.NON_NULL) String syncWorkflowId,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long recordsSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long bytesSynced,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long jobId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String type,
      @JsonInclude(JsonInclude.Include.NON_NULL) String message) {
  }

  /**
   * @param name
   *     The name of the fleet.
   * @param phase
   *     How the fleet stands; after it has ended done, failed or cancelled. One of: 'selecting', 'syncing',
   *     'pausing', 'cancelling', 'done', 'failed', 'cancelled'.
   * @param maxConcurrent
   *     The limit of concurrent syncs.
   * @param counts
   *     The connections by their phase.
   * @param levels
   *     By dependency: the connections of the first level depend on none.
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FleetProgress(
      String name,
      String phase,
      long maxConcurrent,
      FleetProgressCounts counts,
      List<List<FleetProgressLevel>> levels) {
  }
}
