-- What a sweep has written, as two tables, and as Parquet for whoever asks later. Run in the folder of the sweep:
--
--     duckdb -c '.read load.sql'
--
-- Columns are named, so that it works as well where no repository has a finding; what is not named stays in the JSONL.

CREATE OR REPLACE TABLE repositories AS
SELECT * FROM read_json('repositories/*.json', format = 'newline_delimited', columns = {
    key: 'VARCHAR', name: 'VARCHAR', commit: 'VARCHAR', outcome: 'VARCHAR', status: 'INTEGER', findings: 'BIGINT',
    problems: 'JSON', said: 'VARCHAR', seconds: 'DOUBLE', shard: 'INTEGER', version: 'VARCHAR', options: 'VARCHAR'
});

-- Each finding with the name that its repository has in the list: the address of `origin` may be missing, or be that of several.
CREATE OR REPLACE TABLE findings AS
SELECT repositories.key, repositories.name, found.* EXCLUDE (filename, kind)
FROM read_json('findings/*.jsonl', format = 'newline_delimited', filename = true, columns = {
    kind: 'VARCHAR', repository: 'VARCHAR', commit: 'VARCHAR', version: 'VARCHAR', rule: 'VARCHAR', severity: 'VARCHAR', confidence: 'VARCHAR',
    message: 'VARCHAR', path: 'VARCHAR', role: 'VARCHAR', fingerprint: 'VARCHAR',
    "at": 'STRUCT(path VARCHAR, line BIGINT, "column" BIGINT)', fix: 'STRUCT(title VARCHAR, safety VARCHAR, edits JSON)'
}) AS found
JOIN repositories ON repositories.key = parse_filename(found.filename, true)
WHERE found.kind = 'finding';

COPY repositories TO 'repositories.parquet' (FORMAT parquet);
COPY findings TO 'findings.parquet' (FORMAT parquet, COMPRESSION zstd);
