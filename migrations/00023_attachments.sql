-- +goose Up

-- Who asks for a file by its hash may have it where a submission names it.
CREATE INDEX submissions_by_their_files ON events USING gin ((data::jsonb -> 'attachments') jsonb_path_ops)
    WHERE type = 'application_submitted';
