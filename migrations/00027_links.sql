-- +goose Up

-- How enterprises are linked, and until when, is told from the events that say so.
CREATE INDEX events_of_links ON events ((data ->> 'link'), seq) WHERE type IN ('enterprises_linked', 'link_ended');
