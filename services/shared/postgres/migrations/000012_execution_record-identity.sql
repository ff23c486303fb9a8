-- Which database granted the fence, and how many commits the record had: the next sender compares it with the database that it finds.
ALTER TABLE trading.execution_fence
  ADD COLUMN granted_system_id text,
  ADD COLUMN granted_timeline  integer,
  ADD COLUMN granted_commits   bigint;
