/** Why a run has ended otherwise than wanted, for those who look at it. */
export interface RunFailure {
  /** The type of its failure; `Cancelled` when it was cancelled. */
  type: string;
  message: string;
}
