-- bronze
COPY (SELECT 'finished' AS directory, row_number() OVER () AS meta_row_position, * FROM read_csv($cder_product, delim = '\t', header = true,
  all_varchar = true, quote = '', escape = '', nullstr = '')) TO $bronze_product (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT 'finished' AS directory, row_number() OVER () AS meta_row_position, * FROM read_csv($cder_package, delim = '\t', header = true,
  all_varchar = true, quote = '', escape = '', nullstr = '')) TO $bronze_package (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT 'unfinished' AS directory, row_number() OVER () AS meta_row_position, * FROM read_csv($cder_unfinished_product, delim = '\t', header = true,
  all_varchar = true, quote = '', escape = '', nullstr = '')) TO $bronze_unfinished_product (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT 'unfinished' AS directory, row_number() OVER () AS meta_row_position, * FROM read_csv($cder_unfinished_package, delim = '\t', header = true,
  all_varchar = true, quote = '', escape = '', nullstr = '')) TO $bronze_unfinished_package (FORMAT parquet, COMPRESSION zstd);
-- silver
CREATE VIEW products AS SELECT * EXCLUDE meta_row_position, min(meta_row_position) AS meta_row_position FROM (
  SELECT * FROM read_parquet($bronze_product) UNION ALL BY NAME SELECT * FROM read_parquet($bronze_unfinished_product)
) WHERE trim(PRODUCTID) <> '' GROUP BY ALL;
CREATE VIEW packages AS SELECT * EXCLUDE meta_row_position, min(meta_row_position) AS meta_row_position FROM (
  SELECT * FROM read_parquet($bronze_package) UNION ALL BY NAME SELECT * FROM read_parquet($bronze_unfinished_package)
) WHERE trim(PRODUCTID) <> '' AND trim(NDCPACKAGECODE) <> '' GROUP BY ALL;
COPY (SELECT * REPLACE (trim(PROPRIETARYNAME) AS PROPRIETARYNAME, trim(LABELERNAME) AS LABELERNAME),
  list_transform(string_split(ROUTENAME, ';'), lambda route: trim(route)) AS routes,
  regexp_replace(lower(LABELERNAME), '[^a-z0-9]', '', 'g') AS labeler_key,
  try_strptime(STARTMARKETINGDATE, '%Y%m%d')::DATE AS marketing_start_date,
  try_strptime(ENDMARKETINGDATE, '%Y%m%d')::DATE AS marketing_end_date,
  regexp_extract(APPLICATIONNUMBER, '^(ANDA|NDA|BLA|BN|BA) ?([0-9]+)$', ['kind', 'digits']) AS application,
  row_number() OVER (PARTITION BY PRODUCTNDC ORDER BY directory, LISTING_RECORD_CERTIFIED_THROUGH DESC NULLS LAST,
    STARTMARKETINGDATE DESC NULLS LAST, PRODUCTID) AS listing_rank
  FROM products ORDER BY PRODUCTID) TO $silver_cder_product (FORMAT parquet, COMPRESSION zstd);
COPY (
  WITH lists AS (
    SELECT PRODUCTID, directory, meta_row_position,
      regexp_extract_all(';' || SUBSTANCENAME, ';((?:[^;(]|\((?:[^()]|\([^()]*\))*\)|\()*)', 1) AS names,
      string_split(ACTIVE_NUMERATOR_STRENGTH, ';') AS strengths,
      regexp_extract_all(';' || ACTIVE_INGRED_UNIT, ';((?:[^;(]|\((?:[^()]|\([^()]*\))*\)|\()*)', 1) AS units
    FROM products
  ), sized AS (SELECT *, greatest(coalesce(len(names), 0), coalesce(len(strengths), 0), coalesce(len(units), 0)) AS n FROM lists)
  SELECT PRODUCTID, directory, meta_row_position, i AS ingredient_ordinal, trim(names[i]) AS substance_name,
    try_cast(trim(strengths[i]) AS DECIMAL(24, 10)) AS strength, trim(units[i]) AS unit
  FROM sized, unnest(range(1, n + 1)) AS items(i)
) TO $silver_cder_product_ingredient (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT PRODUCTID, directory, meta_row_position, unnest(regexp_extract_all(PHARM_CLASSES,
    '(.*?)\[(EPC|PE|CS|MoA|Chemical/Ingredient|EXT)\](?:,|$)', 1)) AS class_name
  FROM products WHERE PHARM_CLASSES <> ''
) TO $silver_cder_product_class (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT *, lpad(s[1], 5, '0') || lpad(s[2], 4, '0') || lpad(s[3], 2, '0') AS ndc11,
    lpad(s[1], 6, '0') || lpad(s[2], 4, '0') || lpad(s[3], 2, '0') AS ndc12
  FROM (SELECT *, string_split(trim(NDCPACKAGECODE), '-') AS s FROM packages) ORDER BY PRODUCTID
) TO $silver_cder_package (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT PRODUCTID, NDCPACKAGECODE, directory, meta_row_position, level,
    regexp_extract(level, '^([0-9.]+) +(.*?) *in +([0-9.]+) +([^()]*?)(?: *\((.*)\))?$',
      ['quantity', 'unit', 'container_quantity', 'container', 'content_ndc']) AS fields
  FROM (
    SELECT *, unnest(list_filter(string_split_regex(trim(PACKAGEDESCRIPTION), '(?:^|\s+)\*\s+|\s+[>/]\s+'), lambda part: part <> '')) AS level
    FROM packages
  )
) TO $silver_cder_package_content (FORMAT parquet, COMPRESSION zstd);
