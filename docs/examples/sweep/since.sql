-- What became of the findings since the sweep before, whose Parquet stands in `before/`. Run in the folder of the sweep, after `load.sql`:
--
--     duckdb -c '.read since.sql'
--
-- A finding is known again by its fingerprint, which holds no line and no text, and is counted in its repository, as two repositories may
-- have the same file. Only repositories of which both sweeps have a report are compared: else one that could not be fetched once
-- would seem mended, and new the next time.

CREATE OR REPLACE TEMP VIEW compared AS
SELECT key
FROM 'repositories.parquet' AS now JOIN 'before/repositories.parquet' AS before USING (key)
WHERE now.outcome IN ('understood', 'problems') AND before.outcome IN ('understood', 'problems');

-- What is new, worst first.
SELECT name, severity, rule, path, "at".line AS line, message
FROM 'findings.parquet' AS now SEMI JOIN compared USING (key)
ANTI JOIN 'before/findings.parquet' AS before USING (key, fingerprint)
ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), name, path, line
LIMIT 20;

-- How many came, and how many went, of each severity.
SELECT severity,
       count(*) FILTER (before.key IS NULL) AS came,
       count(*) FILTER (now.key IS NULL) AS went,
       count(*) FILTER (now.key IS NOT NULL AND before.key IS NOT NULL) AS stayed
FROM (SELECT key, fingerprint, severity FROM 'findings.parquet' SEMI JOIN compared USING (key)) AS now
FULL JOIN (SELECT key, fingerprint, severity FROM 'before/findings.parquet' SEMI JOIN compared USING (key)) AS before
    USING (key, fingerprint, severity)
GROUP BY severity
ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity);
