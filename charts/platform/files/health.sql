-- A first check for people and scripts: `SELECT health()`. Every role may call it.
CREATE OR REPLACE FUNCTION public.health() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'ok', NOT pg_is_in_recovery() AND current_setting('synchronous_commit') = 'on' AND current_setting('fsync') = 'on',
    'in_recovery', pg_is_in_recovery(),
    'synchronous_commit', current_setting('synchronous_commit'),
    'fsync', current_setting('fsync'),
    'started_at', pg_postmaster_start_time(),
    'connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    'max_connections', current_setting('max_connections')::integer,
    'oldest_transaction_seconds', (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start))::integer, 0)
      FROM pg_stat_activity WHERE backend_type = 'client backend'),
    'database_bytes', pg_database_size(current_database()))
$$;
GRANT USAGE ON SCHEMA public TO PUBLIC;
