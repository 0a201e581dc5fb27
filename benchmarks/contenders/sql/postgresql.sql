-- What the statements of silver call, in PostgreSQL's words. Functions of one expression are put in place of their calls.
CREATE FUNCTION trimmed(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT nullif(trim(t), '') $$;
CREATE FUNCTION matches(t text, pattern text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$ SELECT t ~ ('^(?:' || pattern || ')$') $$;
CREATE FUNCTION part_of(t text, pattern text, number int) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT nullif(regexp_substr(t, pattern, 1, 1, '', number), '') $$;
CREATE FUNCTION separated(t text, mark text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT string_to_array(t, mark) $$;
CREATE FUNCTION positions(n int) RETURNS int[] LANGUAGE sql IMMUTABLE AS $$ SELECT array(SELECT generate_series(1, n)) $$;
CREATE FUNCTION size(list text[]) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(cardinality(list), 0) $$;
CREATE FUNCTION read_date(t text) RETURNS date LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN pg_input_is_valid(trim(t), 'date') AND trim(t) ~ '^([0-9]{8}|[0-9]{2}-[A-Za-z]{3}-([0-9]{2}|[0-9]{4})|[0-9]{4}-[0-9]{2}-[0-9]{2})$'
    THEN trim(t)::date END $$;
CREATE FUNCTION read_number(t text) RETURNS numeric(24, 10) LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN t ~ '^([0-9]{1,14}(\.[0-9]{0,10})?|\.[0-9]{1,10})$' THEN t::numeric(24, 10) END $$;
CREATE FUNCTION routes(t text) RETURNS text[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT nullif(array_remove(regexp_split_to_array(trim(t), ' *; *'), ''), '{}') $$;
-- At semicolons outside parentheses.
CREATE FUNCTION items(t text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN t IS NOT NULL THEN
    array(SELECT m[1] FROM regexp_matches(';' || t, ';((?:[^;(]|\((?:[^()]|\([^()]*\))*\)|\()*)', 'g') AS m) END $$;
CREATE FUNCTION classes(t text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array(SELECT m[1] FROM regexp_matches(t, '(.+?\[[A-Za-z/ ]{1,40}?\](?:[ ,;]+?|$))', 'g') AS m) $$;
CREATE FUNCTION levels(t text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN NOT EXISTS (SELECT FROM unnest(parts) AS p(part) WHERE part !~
      '^[0-9.]+ +(?:[^()>*]* )?in +[0-9.]+ +[^()>*]*[^()>* ] *(?:\( *[^()]*[^() ] *\) *)*$') THEN parts ELSE ARRAY[trim(t)] END
  FROM (SELECT array_remove(regexp_split_to_array(trim(t), '(?:^| +)\* +| +[>/] +'), '')) AS split(parts) $$;
