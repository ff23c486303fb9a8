-- Which release of risk decides. The operator raises the epoch, and the statement of each decision reads the row, so
-- that of two releases that run at once only one decides. The statement of each intent reads it too, and takes entries
-- of the active release only. `heard_at` is renewed by a process of that release that works the exits.
CREATE TABLE risk.active_release (
  stack        text        PRIMARY KEY,
  epoch        bigint      NOT NULL CHECK (epoch BETWEEN 1 AND 9007199254740991),
  release      text        NOT NULL CHECK (length(release) BETWEEN 1 AND 64),
  activated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  heard_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- The job of an earlier release, of a stack that goes back or of another stack, revokes the rights of all roles and
-- grants those that it knows: without this one, risk could leave no position, and execution could send no order.
GRANT SELECT ON risk.active_release TO PUBLIC;
-- Grants: eed9a546bee2d65c
