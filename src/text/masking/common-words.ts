/**
 * Words that are in the texts of Airbyte, of connectors and of this project all the time, and that weak secrets are. To
 * mask them would make those texts unreadable, and say what the secret is besides.
 */
const COMMON_WORDS = new Set(
  `access admin administrator airbyte airflow analytics bearer boolean bucket catalog changeme client cluster
  configuration connection connector connector credential credentials customer customers database databases default
  destination discover docker dummy error errors example exception failed failure false guest health hostname integer
  invalid local localhost login message minioadmin minio mongodb mssql mysql namespace number object oracle orders
  organization password passwort pending postgres postgresql production public queued query record records redshift
  replication request reset response root running sample schema secret secrets server service shop snowflake source
  staging status stream streams string succeeded table tables temporal test testing timeout token tokens true unknown
  update user username users value values warehouse warning worker workflow workspace`.split(/\s+/),
);

export function isCommonWord(text: string): boolean {
  return COMMON_WORDS.has(text.toLowerCase());
}
