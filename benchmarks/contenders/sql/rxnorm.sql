-- view names
SELECT $columns(rxnconso), min(meta_row_position) AS meta_row_position FROM bronze_rxnconso
WHERE rxcui <> '' AND rxaui <> '' GROUP BY $columns(rxnconso)
-- view relations
SELECT $columns(rxnrel), min(meta_row_position) AS meta_row_position FROM bronze_rxnrel WHERE rui <> '' GROUP BY $columns(rxnrel)
-- view attributes
SELECT $columns(rxnsat), min(meta_row_position) AS meta_row_position FROM bronze_rxnsat WHERE atn <> '' GROUP BY $columns(rxnsat)
-- table rxnorm_atom
SELECT meta_row_position, rxaui, rxcui, sab, tty, code, trimmed(str) AS name, lat AS language, saui, scui, sdui, suppress,
  suppress_meaning(suppress) AS suppress_meaning, is_prescribable(cvf) AS is_prescribable, licence(sab) AS srl,
  CASE WHEN sab = 'MTHSPL' AND tty = 'SU' AND matches(code, '[0-9A-Z]{10}') THEN code END AS unii,
  CASE WHEN sab = 'MTHSPL' AND tty = 'DP' AND matches(code, '[0-9]{4,6}-[0-9]{3,4}') THEN code END AS product_ndc
FROM names ORDER BY rxaui
-- table rxnorm_concept
SELECT rxcui, preferred.name AS preferred_name, preferred.tty AS tty, preferred.rxaui AS preferred_rxaui, sources, atom_count,
  licence(preferred.sab) AS srl
FROM (
  SELECT rxcui, str AS name, sab, tty, rxaui, row_number() OVER (PARTITION BY rxcui ORDER BY sab <> 'RXNORM',
    tty IN ('PSN', 'SY', 'TMSY', 'ET'), coalesce(suppress, '') <> 'N', cast(rxaui AS BIGINT)) AS place
  FROM names
) AS preferred JOIN (
  SELECT rxcui, array_agg(DISTINCT sab ORDER BY sab) AS sources, count(*) AS atom_count FROM names GROUP BY rxcui
) AS counted USING (rxcui) WHERE place = 1 ORDER BY rxcui
-- table rxnorm_relation
-- What stands in the other direction is left out where the fact also stands in the one that is kept.
WITH placed AS (
  SELECT meta_row_position, rui, srui, sab, rg, suppress, cvf, is_turned(rela, rel) AS is_turned, kept_name(rela, rel) AS relation, rel,
    CASE WHEN is_turned(rela, rel) THEN rxcui1 ELSE rxcui2 END AS subject_rxcui,
    CASE WHEN is_turned(rela, rel) THEN rxcui2 ELSE rxcui1 END AS object_rxcui,
    CASE WHEN is_turned(rela, rel) THEN rxaui1 ELSE rxaui2 END AS subject_rxaui,
    CASE WHEN is_turned(rela, rel) THEN rxaui2 ELSE rxaui1 END AS object_rxaui
  FROM relations
), compared AS (
  SELECT *, bool_or(NOT is_turned) OVER (PARTITION BY subject_rxcui, subject_rxaui, relation, object_rxcui, object_rxaui,
    sab, rg, suppress, cvf) AS is_there
  FROM placed
)
SELECT meta_row_position, rui, srui, sab, rg, suppress, is_turned, relation, rel, subject_rxcui, subject_rxaui, object_rxcui,
  object_rxaui, suppress_meaning(suppress) AS suppress_meaning, is_prescribable(cvf) AS is_prescribable, licence(sab) AS srl
FROM compared WHERE NOT (is_turned AND is_there) ORDER BY rui
-- table rxnorm_attribute
SELECT meta_row_position, rxcui, rxaui, stype AS level, code, sab, atn AS attribute_name, trimmed(atv) AS attribute_value, atui, satui,
  suppress, suppress_meaning(suppress) AS suppress_meaning, is_prescribable(cvf) AS is_prescribable, licence(sab) AS srl
FROM attributes WHERE atn <> 'NDC' ORDER BY rxcui
-- table rxnorm_ndc
WITH shaped AS (
  SELECT *, trimmed(atv) AS ndc_raw, ndc_format(trimmed(atv)) AS ndc_format FROM attributes WHERE atn = 'NDC'
), coded AS (
  SELECT *, ndc12(ndc_raw, ndc_format) AS ndc12, licence(sab) AS srl FROM shaped
)
SELECT meta_row_position, rxcui, rxaui, code, sab, atui, satui, ndc_raw, ndc_format, ndc12, srl, suppress,
  ndc_reason(ndc_raw, ndc_format, ndc12) AS ndc_status_reason, ndc11(ndc12, ndc_format) AS ndc11,
  suppress_meaning(suppress) AS suppress_meaning, is_prescribable(cvf) AS is_prescribable,
  row_number() OVER (PARTITION BY coalesce(ndc12, ndc_raw) ORDER BY sab <> 'RXNORM', coalesce(suppress, '') <> 'N', srl NULLS LAST, sab,
    cast(rxcui AS BIGINT), cast(rxaui AS BIGINT)) AS ndc_rank,
  min(rxcui) OVER (PARTITION BY coalesce(ndc12, ndc_raw)) <> max(rxcui) OVER (PARTITION BY coalesce(ndc12, ndc_raw)) AS has_several_rxcui
FROM coded
