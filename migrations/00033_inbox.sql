-- +goose Up
-- What staff see of the inbox: which payment an event is about, how it got here, and how often it was decided anew. Of
-- events that came before, the payment is written down when they are replayed.
ALTER TABLE webhook_events
    ADD COLUMN intent_id   text,
    ADD COLUMN source      text    NOT NULL DEFAULT 'DELIVERED',
    ADD COLUMN replays     integer NOT NULL DEFAULT 0,
    ADD COLUMN replayed_at timestamptz,
    ADD CONSTRAINT webhook_events_source_known CHECK (source IN ('DELIVERED', 'SWEPT')),
    ADD CONSTRAINT webhook_events_replayed_at_a_time CHECK (replays >= 0 AND (replays > 0) = (replayed_at IS NOT NULL));

CREATE INDEX webhook_events_newest ON webhook_events (received_at DESC, id DESC);
CREATE INDEX webhook_events_by_type ON webhook_events (type, received_at DESC, id DESC);
CREATE INDEX webhook_events_by_intent ON webhook_events (intent_id, received_at DESC, id DESC) WHERE intent_id IS NOT NULL;

-- The payload says who paid.
CREATE TRIGGER webhook_events_are_audited AFTER INSERT OR UPDATE OR DELETE ON webhook_events
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'payload');

-- +goose Down
DROP TRIGGER webhook_events_are_audited ON webhook_events;
DROP INDEX webhook_events_by_intent;
DROP INDEX webhook_events_by_type;
DROP INDEX webhook_events_newest;
ALTER TABLE webhook_events
    DROP COLUMN intent_id,
    DROP COLUMN source,
    DROP COLUMN replays,
    DROP COLUMN replayed_at;
