package airbyte;

import airbyte.AirbyteTypes.FleetInput;
import airbyte.AirbyteTypes.FleetProgress;
import airbyte.AirbyteTypes.FleetResult;
import airbyte.AirbyteTypes.JobOutcome;
import airbyte.AirbyteTypes.PipelineDocument;
import airbyte.AirbyteTypes.PipelineDocumentSync;
import airbyte.AirbyteTypes.PipelineProgress;
import airbyte.AirbyteTypes.PipelineResult;
import airbyte.AirbyteTypes.SyncConnectionInput;
import airbyte.AirbyteTypes.SyncConnectionResult;
import airbyte.AirbyteTypes.SyncProgress;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Runs the workflows of temporal-airbyte from Java: starts one by its name, shows its progress, and reads its typed result.
 *
 * <pre>
 *   cd examples/java
 *   mvn -q compile exec:java -Dexec.args="sync CONNECTION_ID"
 *   mvn -q compile exec:java -Dexec.args="pipeline FILE"    (a pipeline document as JSON)
 *   mvn -q compile exec:java -Dexec.args="fleet NAME CONNECTION..."
 * </pre>
 *
 * <p>If the workflow runs already, this program waits for that run. It prints the result as JSON, and the progress on stderr. If
 * the workflow fails, it prints the failure with its typed details, and exits with 1. {@link AirbyteTypes} has the types.
 */
public final class CallAirbyte {
  private static final long PROGRESS_INTERVAL_MS = 1_000;

  /** The failures whose details say what is known of the job: for a fleet, of the jobs of all connections. */
  private static final Set<String> WITH_DETAILS =
      Set.of("AirbyteSyncFailed", "AirbyteSyncTimedOut", "AirbyteJobCancelled");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final WorkflowClient client;
  private final String taskQueue;

  private CallAirbyte(WorkflowClient client, String taskQueue) {
    this.client = client;
    this.taskQueue = taskQueue;
  }

  private SyncConnectionResult sync(String connectionId) throws Exception {
    SyncConnectionInput input = SyncConnectionInput.of(connectionId).withTimeout("30m");
    WorkflowStub run = start("syncConnection", "airbyte-sync:" + connectionId, input);
    return resultOf(
        run,
        SyncConnectionResult.class,
        SyncProgress.class,
        now -> now.phase() + ": " + now.recordsSynced() + " records");
  }

  private PipelineResult pipeline(String file) throws Exception {
    PipelineDocument document = JSON.readValue(Path.of(file).toFile(), PipelineDocument.class);
    WorkflowStub run = start("runPipeline", "airbyte-pipeline:" + document.name(), document);
    return resultOf(run, PipelineResult.class, PipelineProgress.class, PipelineProgress::phase);
  }

  private FleetResult fleet(String name, String... connections) throws Exception {
    FleetInput input =
        FleetInput.of()
            .withName(name)
            .withConnections(List.of((Object[]) connections))
            .withSync(PipelineDocumentSync.of().withTimeout("30m"));
    WorkflowStub run = start("syncFleet", "airbyte-fleet:" + name, input);
    return resultOf(
        run,
        FleetResult.class,
        FleetProgress.class,
        now -> now.phase() + ": " + now.counts().running() + " running");
  }

  /** Starts a workflow, or finds the running one that has its id. */
  private WorkflowStub start(String workflow, String workflowId, Object input) {
    // The id contains a task queue other than the default, because another Airbyte may have a connection of the same id.
    String id = taskQueue.equals("airbyte") ? workflowId : workflowId + "@" + taskQueue;
    WorkflowStub run =
        client.newUntypedWorkflowStub(
            workflow,
            WorkflowOptions.newBuilder()
                .setWorkflowId(id)
                .setTaskQueue(taskQueue)
                .setWorkflowIdConflictPolicy(
                    WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
                .build());
    run.start(input);
    System.err.println("Following " + id);
    return run;
  }

  /** Waits for the result, and shows each change of the progress. */
  private static <R, P> R resultOf(
      WorkflowStub run, Class<R> resultType, Class<P> progressType, Function<P, String> shown)
      throws Exception {
    CompletableFuture<R> result = run.getResultAsync(resultType);
    String last = "";
    while (true) {
      try {
        return result.get(PROGRESS_INTERVAL_MS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException ended) {
        if (ended.getCause() instanceof WorkflowException failure) throw failure;
        throw ended;
      } catch (TimeoutException stillRunning) {
        String now = progressOf(run, progressType, shown);
        if (!now.equals(last)) System.err.println(now);
        last = now;
      }
    }
  }

  private static <P> String progressOf(
      WorkflowStub run, Class<P> progressType, Function<P, String> shown) {
    try {
      return shown.apply(run.query("progress", progressType));
    } catch (WorkflowServiceException error) { // for instance while no worker runs
      return "no progress: " + Objects.requireNonNullElse(error.getCause(), error).getMessage();
    }
  }

  /** The failure of a workflow, as this program prints it. */
  private record Failure(
      String type, String message, @JsonInclude(JsonInclude.Include.NON_NULL) Object details) {
    static Failure of(ApplicationFailure reason, Class<?> detailsType) {
      boolean hasDetails = WITH_DETAILS.contains(reason.getType()) && reason.getDetails().getSize() > 0;
      Object details = hasDetails ? reason.getDetails().get(0, detailsType) : null;
      return new Failure(reason.getType(), reason.getOriginalMessage(), details);
    }
  }

  private Object run(String command, String... arguments) throws Exception {
    return switch (command) {
      case "sync" -> sync(arguments[0]);
      case "pipeline" -> pipeline(arguments[0]);
      case "fleet" -> fleet(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
      default -> throw new IllegalArgumentException(
          "unknown command " + command + ": use sync, pipeline or fleet");
    };
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("arguments: sync CONNECTION_ID | pipeline FILE | fleet NAME CONNECTION...");
      System.exit(2);
    }
    ClientConfigProfile profile = ClientConfigProfile.load(); // TEMPORAL_* and temporal.toml
    WorkflowServiceStubs service =
        WorkflowServiceStubs.newServiceStubs(profile.toWorkflowServiceStubsOptions());
    WorkflowClient client = WorkflowClient.newInstance(service, profile.toWorkflowClientOptions());
    String queue = System.getenv("AIRBYTE_TASK_QUEUE");
    CallAirbyte airbyte = new CallAirbyte(client, queue == null || queue.isEmpty() ? "airbyte" : queue);
    String command = arguments[0];
    int exitCode = 0;
    try {
      print(airbyte.run(command, Arrays.copyOfRange(arguments, 1, arguments.length)));
    } catch (WorkflowFailedException failed) {
      // Any other cause: the workflow was cancelled or terminated.
      if (!(failed.getCause() instanceof ApplicationFailure reason)) throw failed;
      print(Failure.of(reason, command.equals("fleet") ? FleetResult.class : JobOutcome.class));
      exitCode = 1;
    }
    service.shutdownNow();
    System.exit(exitCode);
  }

  private static void print(Object value) throws IOException {
    System.out.println(JSON.writeValueAsString(value));
  }
}
