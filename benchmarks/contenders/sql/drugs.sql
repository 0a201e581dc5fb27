-- Rules that datasets share, in words that DuckDB and PostgreSQL have in common: name(parameters) = expression.
date_flag(t text, d date) text = CASE WHEN d IS NULL AND trim(t) <> '' THEN 'UNREADABLE'
  WHEN date_part('year', d) NOT BETWEEN 1900 AND 2039 THEN 'IMPLAUSIBLE' END;
start_flag(t text, d date) text = CASE WHEN d = DATE '1900-01-01' THEN 'UNKNOWN_START' ELSE date_flag(t, d) END;
ndc_segments(c text) text = CASE WHEN c LIKE '%-%-%-%' THEN 'OTHER' WHEN c LIKE '%-%-%' THEN cast(length(split_part(c, '-', 1)) AS text) || '-' ||
  cast(length(split_part(c, '-', 2)) AS text) || '-' || cast(length(split_part(c, '-', 3)) AS text) WHEN c LIKE '%-%'
  THEN cast(length(split_part(c, '-', 1)) AS text) || '-' || cast(length(split_part(c, '-', 2)) AS text) ELSE 'BARE_' || cast(length(c) AS text) END;
ndc_format(c text) text = CASE WHEN c IS NULL THEN 'EMPTY' WHEN matches(c, '[0-9-]+') THEN CASE WHEN ndc_segments(c) IN
    ('4-4-2', '5-3-2', '5-4-1', '5-4-2', '6-4-2', '6-3-2', '6-4-1', '4-6', '5-5', 'BARE_10', 'BARE_11', 'BARE_12')
    THEN ndc_segments(c) ELSE 'OTHER' END
  WHEN matches(c, '[A-NP-Z1-9][A-Z0-9]{4}-?[A-Z][0-9]{4}([A-Za-z0-9]{3})?') THEN 'ISBT' ELSE 'OTHER' END;
ndc_segment(c text, f text, i int) text = CASE WHEN f LIKE '_-_-_' THEN split_part(c, '-', i) END;
ndc_filler(c text) boolean = replace(c, '0', '') IN ('', '-', '--') OR replace(c, '9', '') IN ('', '-', '--');
ndc12(c text, f text) text = CASE WHEN ndc_filler(c) THEN NULL WHEN f LIKE '_-_-_' THEN lpad(split_part(c, '-', 1), 6, '0') ||
    lpad(split_part(c, '-', 2), 4, '0') || lpad(split_part(c, '-', 3), 2, '0')
  WHEN f IN ('BARE_11', 'BARE_12') THEN lpad(c, 12, '0') END;
ndc_reason(c text, f text, n text) text = CASE WHEN n LIKE '0%' AND f NOT IN ('6-3-2', '6-4-1') THEN 'OK'
  WHEN n IS NOT NULL THEN 'NO_HIPAA_FORM' WHEN c IS NULL OR ndc_filler(c) THEN 'INVALID' WHEN f = 'BARE_10' THEN 'AMBIGUOUS_10'
  WHEN f IN ('4-6', '5-5') THEN 'NHRIC_2SEG' WHEN f = 'ISBT' THEN 'ISBT' ELSE 'INVALID' END;
ndc11(n text, f text) text = CASE WHEN n LIKE '0%' AND f NOT IN ('6-3-2', '6-4-1') THEN substr(n, 2) END;
application_type(c text) text = CASE WHEN c IS NULL OR upper(c) = 'NOT_SPECIFIED' THEN NULL
  WHEN matches(upper(c), '(ANADA|NADA|ANDA|NDA|BLA|BN|BA|IND) ?[0-9]+') THEN part_of(upper(c), '^([A-Z]+)', 1)
  WHEN matches(upper(c), 'PART ?[0-9.]*[A-Z]?(, ?(PART ?)?[0-9.]+[A-Z]?)*|[0-9]{3}([.][0-9]+)?[A-Z]?|M[0-9]{3}') THEN 'MONOGRAPH'
  ELSE 'OTHER' END;
application_number(c text, k text) text = CASE k WHEN 'MONOGRAPH' THEN nullif(regexp_replace(c, 'part ?', '', 'gi'), '')
  WHEN 'OTHER' THEN NULL ELSE part_of(c, '([0-9]+)$', 1) END;
suppress_meaning(s text) text = CASE s WHEN 'N' THEN 'ACTIVE' WHEN 'O' THEN 'OBSOLETE' WHEN 'Y' THEN 'SUPPRESSED_BY_EDITOR'
  WHEN 'E' THEN 'UNQUANTIFIED' ELSE CASE WHEN s <> '' THEN 'UNKNOWN' END END;
is_prescribable(v text) boolean = CASE WHEN coalesce(v, '') = '' THEN false WHEN matches(v, '[0-9]{1,18}')
  THEN cast(v AS BIGINT) / 4096 % 2 >= 1 END;
licence(s text) int = CASE WHEN s IN ('ATC', 'CVX', 'DRUGBANK', 'MTHCMSFRF', 'MTHSPL', 'RXNORM', 'USP', 'VANDF') THEN 0
  WHEN s = 'MMSL' THEN 1 WHEN s IN ('GS', 'MMX', 'NDDF') THEN 3 WHEN s = 'SNOMEDCT_US' THEN 9 END;
is_turned(a text, r text) boolean = CASE WHEN coalesce(a, '') = '' THEN coalesce(r IN ('PAR', 'RB'), false)
  ELSE (a LIKE '%@_of' ESCAPE '@' AND a NOT LIKE 'has@_%' ESCAPE '@' AND a <> 'consists_of')
    OR a IN ('constitutes', 'contained_in', 'included_in', 'inverse_isa', 'mapped_from') END;
kept_name(a text, r text) text = CASE a WHEN 'constitutes' THEN 'consists_of' WHEN 'contained_in' THEN 'contains'
  WHEN 'included_in' THEN 'includes' WHEN 'inverse_isa' THEN 'isa' WHEN 'mapped_from' THEN 'mapped_to'
  WHEN 'reformulation_of' THEN 'reformulated_to' ELSE CASE WHEN coalesce(a, '') = ''
    THEN CASE r WHEN 'PAR' THEN 'CHD' WHEN 'RB' THEN 'RN' ELSE r END
    WHEN is_turned(a, r) THEN 'has_' || left(a, length(a) - 3) ELSE a END END;
