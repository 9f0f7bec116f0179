-- Company register: 5 000 companies under numbers of 11 digits. The extract is written
-- when something changes and kept as a finished PDF, as many registers do.
CREATE SCHEMA companies;

CREATE TABLE companies.company (
	number			text PRIMARY KEY CHECK (number ~ '^[0-9]{11}$'),
	name			text NOT NULL,
	legal_form		text NOT NULL,
	founded			date NOT NULL,
	street			text NOT NULL,
	city			text NOT NULL,
	share_capital	numeric(12,2) NOT NULL,
	vat				text,
	extract			bytea
);
CREATE TABLE companies.board_member (
	number			text NOT NULL REFERENCES companies.company,
	position		integer NOT NULL,
	full_name		text NOT NULL,
	since			date NOT NULL,
	PRIMARY KEY (number, position)
);

INSERT INTO companies.company
SELECT to_char(40003000000 + c * 199::bigint, 'FM00000000000'),
	   (ARRAY['Baltijas', 'Ziemeļu', 'Daugavas', 'Kurzemes', 'Zaļais', 'Jūras', 'Rīgas', 'Sēlijas'])[c % 8 + 1] || ' '
	   || (ARRAY['mežs', 'koks', 'būve', 'ēdieni', 'loģistika', 'stikls', 'audumi'])[c / 8 % 7 + 1] || ' ' || c,
	   (ARRAY['SIA', 'SIA', 'SIA', 'AS', 'IK'])[c % 5 + 1], DATE '1991-06-01' + c * 7 % 12000,
	   (ARRAY['Brīvības iela', 'Ganību dambis', 'Rūpniecības iela', 'Ķengaraga iela'])[c % 4 + 1] || ' ' || c % 180 + 1,
	   (ARRAY['Rīga', 'Liepāja', 'Jelgava', 'Valmiera', 'Rēzekne'])[c / 4 % 5 + 1], 2800 + c % 60 * 500,
	   'LV' || to_char(40003000000 + c * 199::bigint, 'FM00000000000')
  FROM generate_series(1, 4999) c;
INSERT INTO companies.company VALUES
	('40103999001', 'Ķekavas ādas un apavi', 'SIA', '2004-05-03', 'Gaismas iela 19', 'Ķekava', 28500, 'LV40103999001');
INSERT INTO companies.board_member
SELECT number, 1, 'Līga ' || (ARRAY['Ozola', 'Bērziņa', 'Krūmiņa'])[right(number, 2)::integer % 3 + 1], founded FROM companies.company
UNION ALL
SELECT number, 2, 'Ēriks Vītols', founded + 400 FROM companies.company WHERE right(number, 1) IN ('1', '4', '7');

UPDATE companies.company c
   SET extract = paper.pdf('Izraksts no uzņēmumu reģistra', ARRAY[
		['Number', c.number], ['Name', c.name], ['Legal form', c.legal_form], ['Founded', to_char(c.founded, 'YYYY-MM-DD')],
		['Registered office', c.street || ', ' || c.city], ['Share capital', c.share_capital || ' EUR'],
		['Board', (SELECT string_agg(full_name, ', ' ORDER BY position) FROM companies.board_member b WHERE b.number = c.number)]],
		'Fictitious register of the ootspg demo');
ANALYZE companies.company, companies.board_member;
