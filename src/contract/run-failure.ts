/** Why a run failed or was cancelled, as its progress shows it. */
export interface RunFailure {
  /** The type of the failure; `Cancelled` if the run was cancelled. */
  type: string;
  message: string;
}
