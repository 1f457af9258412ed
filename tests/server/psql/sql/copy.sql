-- COPY in text and csv
CREATE TABLE c (id int, name text, tags text[], price numeric, at timestamp);
COPY c FROM STDIN;
1	one	{a,"b c"}	1.5	2024-01-01 00:00:00
2	tab\there	\N	\N	\N
3	back\\slash and new\nline	{}	-3	infinity
\.
SELECT * FROM c ORDER BY id;
COPY c TO STDOUT;
COPY c (id, name) TO STDOUT WITH (FORMAT csv, HEADER);
COPY (SELECT id, upper(name) FROM c ORDER BY id DESC) TO STDOUT (FORMAT csv, DELIMITER ';', FORCE_QUOTE *);
COPY c (id, name) FROM STDIN (FORMAT csv, HEADER true);
id,name
4,"quoted, with ""quotes"""
5,
6,""
\.
SELECT id, name, name IS NULL AS missing FROM c WHERE id >= 4 ORDER BY id;
COPY c (id) FROM STDIN;
7	extra
\.
COPY c FROM STDIN;
8
\.
COPY c (id) FROM STDIN;
notanumber
\.
SELECT count(*) FROM c;
COPY missing FROM STDIN;
\.
COPY c (nope) TO STDOUT;
COPY c TO STDOUT (FORMAT nonsense);
COPY c (id, name) FROM STDIN (DELIMITER '|', NULL 'none');
9|none
\.
SELECT id, name FROM c WHERE id = 9;
DROP TABLE c;
