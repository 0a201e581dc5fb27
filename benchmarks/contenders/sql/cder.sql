-- view products
SELECT $columns(cder_product), directory, min(meta_row_position) AS meta_row_position FROM (
  $union(finished=cder_product, excluded=cder_excluded_product, unfinished=cder_unfinished_product)
) AS listed WHERE trim(product_id) <> '' GROUP BY $columns(cder_product), directory
-- view packages
SELECT $columns(cder_package), directory, min(meta_row_position) AS meta_row_position FROM (
  $union(finished=cder_package, excluded=cder_excluded_package, unfinished=cder_unfinished_package)
) AS listed WHERE trim(product_id) <> '' AND trim(ndc_package_code) <> '' GROUP BY $columns(cder_package), directory
-- table cder_product
WITH plain AS (
  SELECT meta_row_position, directory, trimmed(product_id) AS product_id, trimmed(product_ndc) AS product_ndc,
    trimmed(product_type_name) AS product_type, trimmed(proprietary_name) AS proprietary_name,
    trimmed(proprietary_name_suffix) AS proprietary_name_suffix, trimmed(nonproprietary_name) AS nonproprietary_name,
    trimmed(dosage_form_name) AS dosage_form, trimmed(marketing_category_name) AS marketing_category,
    trimmed(application_number) AS application_number_or_citation, trimmed(labeler_name) AS labeler_name,
    trimmed(dea_schedule) AS dea_schedule, trimmed(ndc_exclude_flag) AS ndc_exclude_flag, routes(route_name) AS routes,
    start_marketing_date AS marketing_start_date_raw, end_marketing_date AS marketing_end_date_raw,
    listing_record_certified_through AS listing_record_certified_through_raw,
    read_date(start_marketing_date) AS marketing_start_date, read_date(end_marketing_date) AS marketing_end_date,
    read_date(listing_record_certified_through) AS listing_record_certified_through
  FROM products
), derived AS (
  SELECT *, application_type(application_number_or_citation) AS application_type,
    part_of(product_id, '^[^_]*_(.*)$', 1) AS spl_document_id,
    part_of(product_ndc, '^([0-9]{4,6})-[0-9]{3,4}$', 1) AS labeler_code,
    part_of(product_ndc, '^[0-9]{4,6}-([0-9]{3,4})$', 1) AS product_code,
    nullif(regexp_replace(translate(lower(labeler_name), 'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿšž',
      'aaaaaaceeeeiiiinoooooouuuuyysz'), '[^a-z0-9]', '', 'g'), '') AS labeler_key,
    start_flag(marketing_start_date_raw, marketing_start_date) AS marketing_start_date_flag,
    date_flag(marketing_end_date_raw, marketing_end_date) AS marketing_end_date_flag,
    date_flag(listing_record_certified_through_raw, listing_record_certified_through) AS listing_record_certified_through_flag
  FROM plain
)
SELECT *, application_number(application_number_or_citation, application_type) AS application_number,
  row_number() OVER (PARTITION BY product_ndc ORDER BY CASE directory WHEN 'finished' THEN 1 WHEN 'unfinished' THEN 2 ELSE 3 END,
    listing_record_certified_through DESC NULLS LAST, marketing_start_date DESC NULLS LAST, product_id, meta_row_position)
    AS listing_rank
FROM derived ORDER BY product_id
-- table cder_product_ingredient
WITH lists AS (
  SELECT meta_row_position, product_id, directory, product_ndc, items(substance_name) AS names,
    items(active_numerator_strength) AS strengths, items(active_ingred_unit) AS units
  FROM products WHERE coalesce(trimmed(substance_name), trimmed(active_numerator_strength), trimmed(active_ingred_unit)) IS NOT NULL
), sized AS (
  SELECT *, greatest(size(names), size(strengths), size(units)) AS longest,
    least(size(names), size(strengths), size(units)) AS shortest FROM lists
), listed AS (
  SELECT meta_row_position, product_id, directory, product_ndc, i AS ingredient_ordinal, longest <> shortest AS is_misaligned,
    trimmed(names[i]) AS substance_name, trimmed(strengths[i]) AS strength_raw, trimmed(units[i]) AS unit_raw
  FROM sized, unnest(positions(longest)) AS place(i)
)
SELECT *, read_number(strength_raw) AS strength, part_of(unit_raw, '^([^/]*[^/ ]) */', 1) AS numerator_unit,
  coalesce(read_number(part_of(unit_raw, '/ *([0-9.]+)', 1)), 1) AS denominator_quantity,
  part_of(unit_raw, '/ *[0-9.]* *([^/0-9.][^/]*)$', 1) AS denominator_unit,
  CASE WHEN strength_raw IS NOT NULL AND read_number(strength_raw) IS NULL THEN 'UNREADABLE' END AS strength_flag
FROM listed
-- table cder_product_class
SELECT meta_row_position, product_id, directory, product_ndc, class_text, part_of(class_text, '^(.*[^ ]) *\[', 1) AS class_name,
  part_of(class_text, '\[([^]]*)\][ ,;]*$', 1) AS class_type
FROM products, unnest(classes(pharm_classes)) AS place(class_text)
-- table cder_package
WITH plain AS (
  SELECT meta_row_position, directory, trimmed(product_id) AS product_id, trimmed(product_ndc) AS product_ndc,
    trimmed(ndc_package_code) AS ndc_package_code, trimmed(package_description) AS package_description,
    trimmed(ndc_exclude_flag) AS ndc_exclude_flag, upper(trimmed(sample_package)) = 'Y' AS is_sample,
    start_marketing_date AS marketing_start_date_raw, end_marketing_date AS marketing_end_date_raw,
    read_date(start_marketing_date) AS marketing_start_date, read_date(end_marketing_date) AS marketing_end_date,
    ndc_format(trimmed(ndc_package_code)) AS ndc_format
  FROM packages
), coded AS (
  SELECT *, ndc12(ndc_package_code, ndc_format) AS ndc12, ndc_segment(ndc_package_code, ndc_format, 1) AS labeler_code,
    ndc_segment(ndc_package_code, ndc_format, 2) AS product_code, ndc_segment(ndc_package_code, ndc_format, 3) AS package_code,
    start_flag(marketing_start_date_raw, marketing_start_date) AS marketing_start_date_flag,
    date_flag(marketing_end_date_raw, marketing_end_date) AS marketing_end_date_flag
  FROM plain
)
SELECT *, ndc_reason(ndc_package_code, ndc_format, ndc12) AS ndc_status_reason, ndc11(ndc12, ndc_format) AS ndc11
FROM coded ORDER BY product_id
-- table cder_package_content
WITH listed AS (
  SELECT meta_row_position, product_id, directory, product_ndc, ndc_package_code, content_text,
    part_of(content_text, '\( *([0-9]+-[0-9]+-[0-9]+) *\)', 1) AS content_ndc
  FROM packages, unnest(levels(package_description)) AS place(content_text) WHERE trim(package_description) <> ''
), coded AS (
  SELECT *, ndc_format(content_ndc) AS ndc_format, ndc12(content_ndc, ndc_format(content_ndc)) AS ndc12,
    read_number(part_of(content_text, '^([0-9.]+) ', 1)) AS quantity, part_of(content_text, '^[0-9.]+ +(.*[^ ]) +in ', 1) AS unit,
    read_number(part_of(content_text, ' in +([0-9.]+) ', 1)) AS container_quantity,
    part_of(content_text, ' in +[0-9.]+ +([^()]*[^() ])', 1) AS container
  FROM listed
)
SELECT *, ndc_reason(content_ndc, ndc_format, ndc12) AS ndc_status_reason, ndc11(ndc12, ndc_format) AS ndc11 FROM coded
