-- What a drained sender had compared with the venue when it released the fence: epoch, atMs, and the ages of the
-- comparisons. It counts only beside the epoch that it names: an older release raises the fence without clearing it.
ALTER TABLE trading.execution_fence ADD COLUMN released jsonb;
