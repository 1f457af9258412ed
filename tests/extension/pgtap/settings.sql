-- The session settings of hnsw: names, defaults, ranges as in pgvector 0.8.
BEGIN;
SELECT plan(14);

-- Settings are there once the module is; what was set before counts.
SET hnsw.ef_search = 77;
SELECT '[1]'::vector;
SELECT is(current_setting('hnsw.ef_search'), '77', 'a value from before the module was loaded');
RESET hnsw.ef_search;

SELECT results_eq(
    $$SELECT name, boot_val, min_val, max_val, enumvals, context FROM pg_settings
      WHERE name LIKE 'hnsw.%' ORDER BY name COLLATE "C"$$,
    $$VALUES ('hnsw.ef_search', '40', '1', '1000', NULL::text[], 'user'),
             ('hnsw.iterative_scan', 'off', NULL, NULL,
              ARRAY['off', 'relaxed_order', 'strict_order'], 'user'),
             ('hnsw.max_scan_tuples', '20000', '1', '2147483647', NULL, 'user'),
             ('hnsw.scan_mem_multiplier', '1', '1', '1000', NULL, 'user')$$,
    'names, defaults and ranges');
SELECT results_eq(
    $$SELECT name, short_desc, extra_desc FROM pg_settings
      WHERE name LIKE 'hnsw.%' ORDER BY name COLLATE "C"$$,
    $$VALUES ('hnsw.ef_search', 'Sets the size of the dynamic candidate list for search',
              'Valid range is 1..1000.'),
             ('hnsw.iterative_scan', 'Sets the mode for iterative scans', NULL),
             ('hnsw.max_scan_tuples',
              'Sets the max number of tuples to visit for iterative scans', NULL),
             ('hnsw.scan_mem_multiplier',
              'Sets the multiple of work_mem to use for iterative scans', NULL)$$,
    'descriptions');

SELECT lives_ok('SET hnsw.ef_search = 1', 'the least ef_search');
SELECT lives_ok('SET hnsw.ef_search = 1000', 'the greatest ef_search');
SELECT throws_ok('SET hnsw.ef_search = 0', '22023',
    '0 is outside the valid range for parameter "hnsw.ef_search" (1 .. 1000)');
SELECT throws_ok('SET hnsw.ef_search = 1001', '22023',
    '1001 is outside the valid range for parameter "hnsw.ef_search" (1 .. 1000)');
SELECT lives_ok('SET hnsw.iterative_scan = strict_order', 'strict order');
SELECT lives_ok('SET hnsw.iterative_scan = relaxed_order', 'relaxed order');
SELECT throws_ok('SET hnsw.iterative_scan = on', '22023',
    'invalid value for parameter "hnsw.iterative_scan": "on"');
SELECT throws_ok('SET hnsw.max_scan_tuples = 0', '22023',
    '0 is outside the valid range for parameter "hnsw.max_scan_tuples" (1 .. 2147483647)');
SELECT throws_ok('SET hnsw.scan_mem_multiplier = 0.5', '22023',
    '0.5 is outside the valid range for parameter "hnsw.scan_mem_multiplier" (1 .. 1000)');
SELECT throws_ok('SET hnsw.scan_mem_multiplier = 1001', '22023',
    '1001 is outside the valid range for parameter "hnsw.scan_mem_multiplier" (1 .. 1000)');
SELECT throws_ok('SET hnsw.ef_serach = 100', '42602',
    'invalid configuration parameter name "hnsw.ef_serach"', 'a misspelt name is refused');

SELECT * FROM finish();
ROLLBACK;
