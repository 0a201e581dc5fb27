-- table nsde
WITH once AS (
  SELECT $columns(nsde), min(meta_row_position) AS meta_row_position FROM bronze_nsde
  WHERE trim(item_code) <> '' GROUP BY $columns(nsde)
), plain AS (
  SELECT meta_row_position, trimmed(item_code) AS item_code, trimmed(proprietary_name) AS proprietary_name,
    trimmed(dosage_form) AS dosage_form, trimmed(marketing_category) AS marketing_category,
    trimmed(application_number_or_citation) AS application_number_or_citation, trimmed(product_type) AS product_type,
    upper(trimmed(billing_unit)) AS billing_unit, ndc11 AS ndc11_source,
    marketing_start_date AS marketing_start_date_raw, marketing_end_date AS marketing_end_date_raw,
    inactivation_date AS inactivation_date_raw, reactivation_date AS reactivation_date_raw,
    read_date(marketing_start_date) AS marketing_start_date, read_date(marketing_end_date) AS marketing_end_date,
    read_date(inactivation_date) AS inactivation_date, read_date(reactivation_date) AS reactivation_date
  FROM once
), shaped AS (
  SELECT *, ndc_format(item_code) AS ndc_format, application_type(application_number_or_citation) AS application_type,
    start_flag(marketing_start_date_raw, marketing_start_date) AS marketing_start_date_flag,
    date_flag(marketing_end_date_raw, marketing_end_date) AS marketing_end_date_flag,
    date_flag(inactivation_date_raw, inactivation_date) AS inactivation_date_flag,
    date_flag(reactivation_date_raw, reactivation_date) AS reactivation_date_flag
  FROM plain
), coded AS (
  SELECT *, ndc12(item_code, ndc_format) AS ndc12, ndc_segment(item_code, ndc_format, 1) AS labeler_code,
    ndc_segment(item_code, ndc_format, 2) AS product_code, ndc_segment(item_code, ndc_format, 3) AS package_code,
    CASE WHEN marketing_start_date IS NULL THEN 'UNKNOWN' WHEN marketing_start_date > DATE '2019-04-29' THEN 'NOT_STARTED'
      WHEN marketing_end_date < DATE '2019-04-29' THEN 'ENDED'
      WHEN 'UNREADABLE' IN (marketing_end_date_flag, inactivation_date_flag, reactivation_date_flag) THEN 'UNKNOWN'
      WHEN inactivation_date <= DATE '2019-04-29'
        AND NOT coalesce(reactivation_date BETWEEN inactivation_date AND DATE '2019-04-29', false) THEN 'INACTIVATED'
      ELSE 'ACTIVE' END AS marketing_status
  FROM shaped
)
SELECT *, ndc_reason(item_code, ndc_format, ndc12) AS ndc_status_reason, ndc11(ndc12, ndc_format) AS ndc11,
  ndc11(ndc12, ndc_format) <> trimmed(ndc11_source) AS ndc11_disagrees, labeler_code || '-' || product_code AS product_ndc,
  application_number(application_number_or_citation, application_type) AS application_number,
  marketing_status = 'ACTIVE' AS is_active
FROM coded ORDER BY item_code
