COPY (
  SELECT row_number() OVER () AS meta_row_position, '2019-04-29' AS meta_version, 'benchmark' AS meta_run_id, *
  FROM read_csv($nsde, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    names = ['item_code', 'ndc11_source', 'proprietary_name', 'dosage_form', 'marketing_category',
      'application_number_or_citation', 'product_type', 'marketing_start_date_raw', 'marketing_end_date_raw',
      'billing_unit', 'inactivation_date_raw', 'reactivation_date_raw'])
) TO $bronze_nsde (FORMAT parquet, COMPRESSION zstd);
-- silver
COPY (
  WITH one AS (
    SELECT * EXCLUDE meta_row_position, min(meta_row_position) AS meta_row_position
    FROM read_parquet($bronze_nsde) WHERE trim(item_code) <> '' GROUP BY ALL
  ), parts AS (
    SELECT * REPLACE (
        trim(item_code) AS item_code, trim(proprietary_name) AS proprietary_name, trim(dosage_form) AS dosage_form,
        trim(marketing_category) AS marketing_category, trim(product_type) AS product_type,
        trim(application_number_or_citation) AS application_number_or_citation),
      string_split(trim(item_code), '-') AS s,
      regexp_extract(application_number_or_citation, '^(ANADA|NADA|ANDA|NDA|BLA|BN|BA|IND) ?([0-9]+)$', ['kind', 'digits'])
        AS application,
      try_strptime(marketing_start_date_raw, '%Y%m%d')::DATE AS marketing_start_date,
      try_strptime(marketing_end_date_raw, '%Y%m%d')::DATE AS marketing_end_date,
      try_strptime(inactivation_date_raw, '%Y%m%d')::DATE AS inactivation_date,
      try_strptime(reactivation_date_raw, '%Y%m%d')::DATE AS reactivation_date
    FROM one
  ), shaped AS (
    SELECT *, CASE
      WHEN regexp_full_match(item_code, '[0-9-]+')
        THEN array_to_string(list_transform(s, lambda part: length(part)::VARCHAR), '-')
      WHEN regexp_full_match(item_code, '[A-NP-Z1-9][A-Z0-9]{4}-?[A-Z][0-9]{4}([A-Za-z0-9]{3})?') THEN 'ISBT'
      ELSE 'OTHER' END AS ndc_format
    FROM parts
  ), coded AS (
    SELECT * EXCLUDE (s, application),
      CASE WHEN ndc_format IN ('4-4-2', '5-3-2', '5-4-1', '5-4-2')
        THEN lpad(s[1], 5, '0') || lpad(s[2], 4, '0') || lpad(s[3], 2, '0') END AS ndc11,
      CASE ndc_format WHEN 'ISBT' THEN 'ISBT' WHEN '4-6' THEN 'NHRIC_2SEG' WHEN '5-5' THEN 'NHRIC_2SEG'
        WHEN '10' THEN 'AMBIGUOUS_10' WHEN 'OTHER' THEN 'INVALID' ELSE 'OK' END AS ndc_status_reason,
      s[1] AS labeler_code, s[2] AS product_code, s[3] AS package_code,
      CASE WHEN application.kind <> '' THEN application.kind
        WHEN application_number_or_citation LIKE 'part%' THEN 'MONOGRAPH' END AS application_type,
      CASE WHEN application.kind <> '' THEN application.digits
        ELSE replace(application_number_or_citation, 'part', '') END AS application_number
    FROM shaped
  )
  SELECT *, '0' || ndc11 AS ndc12, ndc11 <> ndc11_source AS ndc11_disagrees,
    CASE WHEN marketing_start_date_raw = '19000101' THEN 'UNKNOWN_START'
      WHEN marketing_start_date IS NULL AND marketing_start_date_raw IS NOT NULL THEN 'UNREADABLE'
      WHEN year(marketing_start_date) > year(DATE '2019-04-29') + 20 THEN 'IMPLAUSIBLE' END AS marketing_start_date_flag,
    CASE WHEN marketing_start_date IS NULL THEN 'UNKNOWN' WHEN marketing_start_date > DATE '2019-04-29' THEN 'NOT_STARTED'
      WHEN marketing_end_date < DATE '2019-04-29' THEN 'ENDED'
      WHEN inactivation_date <= DATE '2019-04-29'
        AND NOT coalesce(reactivation_date BETWEEN inactivation_date AND DATE '2019-04-29', false) THEN 'INACTIVATED'
      ELSE 'ACTIVE' END AS marketing_status
  FROM coded ORDER BY item_code
) TO $silver_nsde (FORMAT parquet, COMPRESSION zstd);
