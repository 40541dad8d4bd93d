// Runs the workflows of temporal-airbyte from Go: starts one by its name, shows its progress, and reads its typed result.
//
//	cd examples/go
//	go run . sync CONNECTION_ID
//	go run . pipeline FILE # a pipeline document as JSON
//	go run . fleet NAME CONNECTION...
//
// If the workflow runs already, this program waits for that run. It prints the result as JSON, and the progress on stderr. If the
// workflow fails, it prints the failure with its typed details, and exits with 1. The package airbyte has the types.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"example.com/call-airbyte/airbyte"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/temporal"
)

const progressInterval = time.Second

var taskQueue = cmp.Or(os.Getenv("AIRBYTE_TASK_QUEUE"), "airbyte")

func runSync(ctx context.Context, c client.Client, connectionID string) error {
	input := airbyte.SyncConnectionInput{ConnectionID: connectionID, Timeout: "30m"}
	return follow[airbyte.SyncConnectionResult, airbyte.JobOutcome](
		ctx, c, "syncConnection", "airbyte-sync:"+connectionID, input,
		func(now airbyte.SyncProgress) string {
			if now.RecordsSynced == nil {
				return now.Phase
			}
			return fmt.Sprintf("%s: %d records", now.Phase, *now.RecordsSynced)
		})
}

func runPipeline(ctx context.Context, c client.Client, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var document airbyte.PipelineDocument
	if err := json.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("%s is not a pipeline document: %w", file, err)
	}
	return follow[airbyte.PipelineResult, airbyte.JobOutcome](
		ctx, c, "runPipeline", "airbyte-pipeline:"+document.Name, document,
		func(now airbyte.PipelineProgress) string { return now.Phase })
}

func runFleet(ctx context.Context, c client.Client, name string, connections []string) error {
	input := airbyte.FleetInput{Name: name, Sync: &airbyte.PipelineDocumentSync{Timeout: "30m"}}
	for _, connection := range connections {
		input.Connections = append(input.Connections, connection)
	}
	return follow[airbyte.FleetResult, airbyte.FleetResult](
		ctx, c, "syncFleet", "airbyte-fleet:"+name, input,
		func(now airbyte.FleetProgress) string {
			return fmt.Sprintf("%s: %d running", now.Phase, now.Counts.Running)
		})
}

// workflowFailure is the failure of a workflow, as this program prints it.
type workflowFailure[Details any] struct {
	Type    string   `json:"type"`
	Message string   `json:"message"`
	Details *Details `json:"details,omitempty"`
}

func (f workflowFailure[Details]) Error() string { return f.Type + ": " + f.Message }

// follow starts a workflow, or finds the running one that has its id, and waits for its end.
func follow[Result, Details, Progress any](
	ctx context.Context, c client.Client, workflow, id string, input any, shown func(Progress) string,
) error {
	if taskQueue != "airbyte" {
		id += "@" + taskQueue // because another Airbyte may have a connection of the same id
	}
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       id,
		TaskQueue:                taskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflow, input)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "Following", run.GetID())

	var result Result
	ended := make(chan error, 1)
	go func() { ended <- run.Get(ctx, &result) }()
	ticker := time.NewTicker(progressInterval)
	defer ticker.Stop()
	for last := ""; ; {
		select {
		case err := <-ended:
			if err != nil {
				return failureOf[Details](err)
			}
			return json.NewEncoder(os.Stdout).Encode(result)
		case <-ticker.C:
			if now := progressOf(ctx, c, id, shown); now != last {
				fmt.Fprintln(os.Stderr, now)
				last = now
			}
		}
	}
}

func progressOf[Progress any](ctx context.Context, c client.Client, id string, shown func(Progress) string) string {
	var now Progress
	value, err := c.QueryWorkflow(ctx, id, "", "progress")
	if err == nil {
		err = value.Get(&now)
	}
	if err != nil { // for instance while no worker runs
		return "no progress: " + err.Error()
	}
	return shown(now)
}

// failureOf reads what a workflow failed with; the error itself if the workflow was cancelled or terminated.
func failureOf[Details any](err error) error {
	var reason *temporal.ApplicationError
	if !errors.As(err, &reason) {
		return err
	}
	failure := workflowFailure[Details]{Type: reason.Type(), Message: reason.Message()}
	switch reason.Type() {
	// These say in their details what is known of the job: for a fleet, of the jobs of all connections.
	case "AirbyteSyncFailed", "AirbyteSyncTimedOut", "AirbyteJobCancelled":
		if reason.HasDetails() {
			failure.Details = new(Details)
			if err := reason.Details(failure.Details); err != nil {
				return err
			}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(failure); err != nil {
		return err
	}
	return failure
}

func run(ctx context.Context, command string, arguments []string) error {
	options, err := envconfig.LoadDefaultClientOptions() // TEMPORAL_* and temporal.toml
	if err != nil {
		return err
	}
	c, err := client.Dial(options)
	if err != nil {
		return err
	}
	defer c.Close()
	switch command {
	case "sync":
		return runSync(ctx, c, arguments[0])
	case "pipeline":
		return runPipeline(ctx, c, arguments[0])
	case "fleet":
		return runFleet(ctx, c, arguments[0], arguments[1:])
	}
	return fmt.Errorf("unknown command %q: use sync, pipeline or fleet", command)
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: go run . sync CONNECTION_ID | pipeline FILE | fleet NAME CONNECTION...")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
