-- What the statements of silver call, in DuckDB's words.
CREATE MACRO trimmed(t) AS nullif(trim(t), '');
CREATE MACRO matches(t, pattern) AS regexp_full_match(t, pattern);
CREATE MACRO part_of(t, pattern, number) AS nullif(regexp_extract(t, pattern, number), '');
CREATE MACRO separated(t, mark) AS string_split(t, mark);
CREATE MACRO positions(n) AS range(1, coalesce(n, 0) + 1);
CREATE MACRO size(list) AS coalesce(len(list), 0);
CREATE MACRO read_date(t) AS try_strptime(trim(t), ['%Y%m%d', '%d-%b-%Y', '%d-%b-%y', '%Y-%m-%d'])::DATE;
CREATE MACRO read_number(t) AS try_cast(t AS DECIMAL(24, 10));
CREATE MACRO routes(t) AS nullif(list_filter(list_transform(string_split(t, ';'), lambda r: trim(r)), lambda r: r <> ''), []);
-- At semicolons outside parentheses.
CREATE MACRO items(t) AS
  regexp_extract_all(';' || t, ';((?:[^;(]|\((?:[^()]|\([^()]*\))*\)|\()*)', 1);
CREATE MACRO classes(t) AS regexp_extract_all(t, '(.+?)\[[A-Za-z/ ]{1,40}\](?:[ ,;]+|$)', 0);
CREATE MACRO described(parts, t) AS
  CASE WHEN len(list_filter(parts, lambda p: NOT regexp_full_match(p,
    '[0-9.]+ +(?:[^()>*]* )?in +[0-9.]+ +[^()>*]*[^()>* ] *(?:\( *[^()]*[^() ] *\) *)*'))) = 0 THEN parts ELSE [t] END;
CREATE MACRO levels(t) AS
  described(list_filter(string_split_regex(trim(t), '(?:^| +)\* +| +[>/] +'), lambda p: p <> ''), trim(t));
