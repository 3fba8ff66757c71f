-- What to ask of a sweep, over the Parquet that `load.sql` wrote. Run in the folder of the sweep:
--
--     duckdb -c '.read questions.sql'

-- Which repositories first? Those with the most that is critical, then high. A count of everything would put a long list of trifles first.
SELECT name,
       count(*) FILTER (severity = 'critical') AS critical,
       count(*) FILTER (severity = 'high') AS high,
       count(*) FILTER (severity = 'medium') AS medium,
       count(*) AS all_findings
FROM 'findings.parquet'
GROUP BY key, name
ORDER BY critical DESC, high DESC, medium DESC, name
LIMIT 10;

-- Which faults are most common? By the number of repositories that have them, not of places: one copied template is mended once.
SELECT rule, severity, count(DISTINCT key) AS repositories, count(*) AS places
FROM 'findings.parquet'
GROUP BY rule, severity
ORDER BY repositories DESC, places DESC, rule
LIMIT 10;

-- How much does `hardlint check --fix` mend? `safe`: by itself; `unsafe`: with `--unsafe-fixes`, as behaviour changes; without edits it
-- is a sentence for a person, whatever its safety.
SELECT severity,
       count(*) FILTER (fix.safety = 'safe' AND json_array_length(fix.edits) > 0) AS safe,
       count(*) FILTER (fix.safety = 'unsafe' AND json_array_length(fix.edits) > 0) AS unsafe,
       count(*) FILTER (fix IS NULL OR json_array_length(fix.edits) = 0) AS by_hand
FROM 'findings.parquet'
GROUP BY severity
ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity);

-- Where does it matter? By what the files are for: what runs in production before what only a laptop sees.
SELECT role, severity, count(*) AS findings, count(DISTINCT key) AS repositories
FROM 'findings.parquet'
GROUP BY role, severity
ORDER BY list_position(['production', 'unknown', 'test', 'development', 'example'], role),
         list_position(['critical', 'high', 'medium', 'low', 'info'], severity);

-- Of which repositories is the answer not whole? Before "no findings" is believed of anything. The first problem of each stands with its place.
SELECT name, outcome,
       coalesce((problems ->> '$[0].path') || ':' || (problems ->> '$[0].at.line') || ': ' || (problems ->> '$[0].message'),
                split_part(said, chr(10), 1)) AS because
FROM 'repositories.parquet'
WHERE outcome <> 'understood'
ORDER BY outcome, name
LIMIT 20;

-- What of it all was understood, and what did it cost? Seconds are those of fetching and checking, of all jobs together.
SELECT outcome, count(*) AS repositories, sum(findings) AS findings, round(sum(seconds), 1) AS seconds
FROM 'repositories.parquet'
GROUP BY outcome
ORDER BY repositories DESC;
