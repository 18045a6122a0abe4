-- A state that means nothing after a moment names it, so that its row can be pruned: plans.
ALTER TABLE grain_state ADD COLUMN expires INTEGER;

CREATE INDEX grain_state_by_expires ON grain_state (expires) WHERE expires IS NOT NULL;
