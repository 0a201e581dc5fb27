-- bronze
COPY (SELECT row_number() OVER () AS meta_row_position, * FROM read_csv($rxnconso, delim = '|', header = false, all_varchar = true, quote = '',
  escape = '', nullstr = '', names = ['rxcui', 'lat', 'ts', 'lui', 'stt', 'sui', 'ispref', 'rxaui', 'saui', 'scui', 'sdui', 'sab', 'tty',
    'code', 'str', 'srl', 'suppress', 'cvf', 'rest'])) TO $bronze_rxnconso (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT row_number() OVER () AS meta_row_position, * FROM read_csv($rxnrel, delim = '|', header = false, all_varchar = true, quote = '',
  escape = '', nullstr = '', names = ['rxcui1', 'rxaui1', 'stype1', 'rel', 'rxcui2', 'rxaui2', 'stype2', 'rela', 'rui', 'srui', 'sab', 'sl',
    'dir', 'rg', 'suppress', 'cvf', 'rest'])) TO $bronze_rxnrel (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT row_number() OVER () AS meta_row_position, * FROM read_csv($rxnsat, delim = '|', header = false, all_varchar = true, quote = '',
  escape = '', nullstr = '', names = ['rxcui', 'lui', 'sui', 'rxaui', 'stype', 'code', 'atui', 'satui', 'atn', 'sab', 'atv', 'suppress',
    'cvf', 'rest'])) TO $bronze_rxnsat (FORMAT parquet, COMPRESSION zstd);
-- silver
CREATE VIEW names AS SELECT * EXCLUDE meta_row_position, min(meta_row_position) AS meta_row_position
  FROM read_parquet($bronze_rxnconso) WHERE rxcui <> '' AND rxaui <> '' GROUP BY ALL;
CREATE VIEW relations AS SELECT * EXCLUDE meta_row_position, min(meta_row_position) AS meta_row_position
  FROM read_parquet($bronze_rxnrel) WHERE rui <> '' GROUP BY ALL;
CREATE VIEW attributes AS SELECT * EXCLUDE meta_row_position, min(meta_row_position) AS meta_row_position
  FROM read_parquet($bronze_rxnsat) WHERE atn <> '' GROUP BY ALL;
COPY (SELECT * FROM names ORDER BY rxaui) TO $silver_rxnorm_atom (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT rxcui, arg_min(str, (sab <> 'RXNORM', tty IN ('PSN', 'SY', 'TMSY', 'ET'), coalesce(suppress, '') <> 'N', rxaui::BIGINT)) AS name,
    list_sort(list_distinct(list(sab))) AS sources, count(*) AS atom_count
  FROM names GROUP BY rxcui ORDER BY rxcui
) TO $silver_rxnorm_concept (FORMAT parquet, COMPRESSION zstd);
CREATE MACRO turned(rela) AS rela LIKE '%\_of' ESCAPE '\' AND rela NOT LIKE 'has\_%' ESCAPE '\' AND rela <> 'consists_of'
  OR rela IN ('constitutes', 'contained_in', 'included_in', 'inverse_isa', 'mapped_from');
CREATE MACRO kept(rela) AS CASE rela WHEN 'constitutes' THEN 'consists_of' WHEN 'contained_in' THEN 'contains'
  WHEN 'included_in' THEN 'includes' WHEN 'inverse_isa' THEN 'isa' WHEN 'mapped_from' THEN 'mapped_to'
  WHEN 'reformulation_of' THEN 'reformulated_to' ELSE CASE WHEN turned(rela) THEN 'has_' || regexp_replace(rela, '_of$', '') ELSE rela END END;
-- What stands in the other direction is left out where the fact also stands in the one that is kept.
COPY (
  SELECT * FROM (
    SELECT CASE WHEN turned(rela) THEN rxcui1 ELSE rxcui2 END AS subject, kept(rela) AS relation,
      CASE WHEN turned(rela) THEN rxcui2 ELSE rxcui1 END AS object, turned(rela) AS is_turned, rui, sab, rg, suppress, cvf,
      CASE WHEN turned(rela) THEN rxaui1 ELSE rxaui2 END AS subject_atom,
      CASE WHEN turned(rela) THEN rxaui2 ELSE rxaui1 END AS object_atom
    FROM relations
  )
  QUALIFY NOT (is_turned AND bool_or(NOT is_turned) OVER (
    PARTITION BY subject, relation, object, sab, rg, suppress, cvf, subject_atom, object_atom))
  ORDER BY rui
) TO $silver_rxnorm_relation (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT * FROM attributes WHERE atn <> 'NDC' ORDER BY rxcui) TO $silver_rxnorm_attribute (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT *, CASE WHEN length(atv) = 11 THEN atv WHEN length(atv) = 12 AND atv[1] = '0' THEN atv[2:] END AS ndc11,
    row_number() OVER (PARTITION BY atv ORDER BY sab <> 'RXNORM', suppress <> 'N', rxcui::BIGINT, rxaui::BIGINT) AS ndc_rank
  FROM attributes WHERE atn = 'NDC'
) TO $silver_rxnorm_ndc (FORMAT parquet, COMPRESSION zstd);
