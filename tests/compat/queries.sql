-- The project's own queries: those of its pages, of its command line and of its tests, and what a reader of its tables
-- would ask. Each begins with its name after "-- name:", and ends with a semicolon.

-- name: README: the market, by kind of product
select product_type, count(*) as packages, count_if(is_active) as active
from nsde group by product_type order by packages desc;

-- name: README: the same, in an earlier release
select product_type, count(*) from nsde_versions where version = '2019-04-29' group by product_type;

-- name: README: count
select count(*) from nsde;

-- name: lake demo
SELECT product_type,
       count(*) AS listings,
       count_if(marketing_status = 'ACTIVE') AS active,
       count_if(marketing_status = 'ENDED') AS ended,
       count_if(marketing_status = 'INACTIVATED') AS inactivated,
       count_if(marketing_status = 'NOT_STARTED') AS not_started
FROM nsde
GROUP BY product_type
ORDER BY listings DESC
LIMIT 15;

-- name: lake query: help
SELECT marketing_status, count(*) AS rows FROM nsde GROUP BY 1;

-- name: tests: rows by version
select version, count(*) as n from nsde_versions group by 1 order by 1;

-- name: tests: the current version
select count(*) as n, min(meta_version) as version from nsde;

-- name: tests: runs
select count(distinct meta_run_id) as runs, min(meta_run_id) as run from nsde;

-- name: tests: bronze
select count(*) as n from bronze_nsde;

-- name: every column of the current version
SELECT * FROM nsde ORDER BY meta_row_position LIMIT 200;

-- name: every column of a version, with its key
SELECT * FROM nsde_versions ORDER BY meta_row_position LIMIT 50;

-- name: every column of bronze
SELECT * FROM bronze_nsde ORDER BY meta_row_position, run LIMIT 200;

-- name: bronze against silver
WITH kept AS (SELECT item_code, count(*) AS n FROM nsde GROUP BY item_code)
SELECT count(*) AS codes, sum(b.n - coalesce(k.n, 0)) AS dropped
FROM (SELECT trim(item_code) AS item_code, count(*) AS n FROM bronze_nsde GROUP BY 1) b
LEFT JOIN kept k ON k.item_code = b.item_code;

-- name: grain
SELECT item_code, count(*) FROM nsde
GROUP BY item_code, proprietary_name, marketing_category, application_number_or_citation, marketing_start_date_raw
HAVING count(*) > 1;

-- name: codes by format and reason
SELECT ndc_format, ndc_status_reason, count(*) AS n, count(ndc11) AS with_ndc11, count(ndc12) AS with_ndc12
FROM nsde GROUP BY 1, 2 ORDER BY n DESC, 1, 2;

-- name: dates out of the ordinary
SELECT marketing_end_date, marketing_end_date_raw, marketing_end_date_flag, count(*)
FROM nsde WHERE marketing_end_date_flag IS NOT NULL OR marketing_end_date > date '2030-01-01' GROUP BY 1, 2, 3;

-- name: starts by year
SELECT year(marketing_start_date) AS y, count(*) AS n, approx_distinct(labeler_code) > 0 AS any_labeler
FROM nsde WHERE marketing_start_date >= date '2000-01-01' GROUP BY 1 ORDER BY 1;

-- name: days on the market
SELECT marketing_category, avg(date_diff('day', marketing_start_date, marketing_end_date)) AS days,
       max(date_diff('month', marketing_start_date, marketing_end_date)) AS longest
FROM nsde WHERE marketing_end_date IS NOT NULL GROUP BY 1 ORDER BY 1;

-- name: shares, as decimal and as double
SELECT marketing_category, 100.0 * count(*) / sum(count(*)) OVER () AS share,
       round(100e0 * count(*) / sum(count(*)) OVER (), 3) AS rounded
FROM nsde GROUP BY marketing_category ORDER BY count(*) DESC, 1;

-- name: the newest of each labeler
SELECT labeler_code, item_code, marketing_start_date FROM (
  SELECT labeler_code, item_code, marketing_start_date,
         row_number() OVER (PARTITION BY labeler_code ORDER BY marketing_start_date DESC, item_code) AS place
  FROM nsde WHERE labeler_code < '0050') WHERE place = 1 ORDER BY labeler_code;

-- name: text functions on names
SELECT upper(substr(proprietary_name, 1, 5)) AS head, length(proprietary_name) AS long,
       regexp_replace(lower(proprietary_name), '[^a-z0-9]+', '-') AS slug,
       split_part(item_code, '-', 1) AS first_part, regexp_extract(item_code, '(\d+)-(\d+)', 2) AS second_part
FROM nsde ORDER BY item_code, meta_row_position LIMIT 500;

-- name: joining products to themselves
SELECT a.product_ndc, count(*) AS packages, array_join(array_agg(a.package_code ORDER BY a.package_code), ',') AS codes
FROM nsde a JOIN (SELECT DISTINCT product_ndc FROM nsde WHERE product_type = 'VACCINE') b USING (product_ndc)
GROUP BY a.product_ndc ORDER BY 1;

-- name: a list in one line
SELECT product_type, listagg(billing_unit, '/') WITHIN GROUP (ORDER BY billing_unit) AS units
FROM (SELECT DISTINCT product_type, billing_unit FROM nsde WHERE billing_unit IS NOT NULL) GROUP BY 1 ORDER BY 1;

-- name: active on a day
SELECT count(*) FROM nsde
WHERE marketing_start_date <= date '2019-01-01' AND coalesce(marketing_end_date, date '9999-12-31') >= date '2019-01-01';

-- name: lineage
SELECT meta_source_file, count(DISTINCT meta_source_sha256) AS sources, min(meta_row_position) AS first, max(meta_row_position),
       count_if(meta_ingested_at > timestamp '2019-01-01 00:00:00') AS ingested FROM nsde GROUP BY 1;

-- name: set operations
SELECT item_code FROM nsde WHERE is_active EXCEPT SELECT item_code FROM nsde WHERE NOT is_active ORDER BY 1 LIMIT 20;

-- name: where objects lie
SELECT count(DISTINCT "$path") AS files, min("$path") LIKE 's3://%' AS in_s3 FROM nsde;

-- name: no such column
SELECT ndc13 FROM nsde;

-- name: no such table
SELECT * FROM nsde_yesterday;

-- name: a date against a text
SELECT count(*) FROM nsde WHERE marketing_start_date > '2019-01-01';

-- name: names in the case that is written
SELECT Product_Type, count(*) AS Packages, min(item_code) "First Code" FROM nsde GROUP BY 1 ORDER BY 1;

-- name: kinds: every type
SELECT * FROM compat_db.kinds ORDER BY id;

-- name: kinds: what a file lacks, and what the table lacks
SELECT count(absent) AS absent, count(*) AS n FROM compat_db.kinds;

-- name: kinds: an undeclared column
SELECT undeclared FROM compat_db.kinds;

-- name: kinds: nested values
SELECT id, tags[1] AS tag, cardinality(sizes) AS n, array_sort(sizes) AS sorted, origin.country, origin.year + 1 AS next,
       element_at(counts, 'a') AS a, contains(tags, 'b') AS has, element_at(parts, 1).name AS part
FROM compat_db.kinds WHERE cardinality(tags) > 0;

-- name: kinds: unnested
SELECT k.id, t.tag, t.n FROM compat_db.kinds k CROSS JOIN UNNEST(k.tags) WITH ORDINALITY AS t(tag, n) ORDER BY 1, 3;

-- name: kinds: unnested rows and maps
SELECT k.id, p.name, p.share, c.word, c.n FROM compat_db.kinds k
CROSS JOIN UNNEST(k.parts) AS p(name, share) CROSS JOIN UNNEST(k.counts) AS c(word, n) ORDER BY 1, 2;

-- name: kinds: sums and means
SELECT sum(small), sum(big), sum(price), avg(price), avg(small), sum(share), avg(share), sum(ratio), min(day), max(moment),
       count(flag), bool_or(flag), max(label), min(tiny), stddev(small) FROM compat_db.kinds WHERE id < 3;

-- name: kinds: arithmetic
SELECT price * 2, price / 3, price + 1, price - 0.5, price * price, small / 2, big % 7, ratio / 0, -price, abs(price),
       price * ratio, CAST(price AS integer), CAST(price AS double), CAST(price AS varchar), round(price, 1)
FROM compat_db.kinds WHERE id = 1;

-- name: kinds: comparisons of unlike numbers
SELECT id FROM compat_db.kinds WHERE price > 1 AND share < 2e0 AND small = 7.0 AND big > ratio;

-- name: kinds: texts of values
SELECT CAST(id AS varchar), CAST(ratio AS varchar), CAST(flag AS varchar), CAST(day AS varchar), CAST(moment AS varchar),
       CAST(price AS varchar), CAST(share AS varchar), json_format(CAST(tags AS json)) FROM compat_db.kinds WHERE id = 1;

-- name: sales: registered partitions only
SELECT year, day, region, count(*) AS n, sum(amount) AS amount FROM compat_db.sales GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: sales: one partition
SELECT * FROM compat_db.sales WHERE year = 2024 AND day = date '2024-02-29' ORDER BY amount;

-- name: sales: partitions by conditions of several kinds
SELECT count(*) FROM compat_db.sales WHERE (year > 2023 OR region LIKE 'e%') AND day < date '2024-03-01';

-- name: sales: keys without data
SELECT DISTINCT year, region FROM compat_db.sales ORDER BY 1, 2;

-- name: Athena's name of its catalog
SELECT count(*) FROM awsdatacatalog.nsde_db.nsde;

-- name: information schema
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'compat_db' AND table_name = 'sales' ORDER BY ordinal_position;
