-- Population register: 100 000 persons with births and residence, drawn by arithmetic
-- alone, so that every run has the same people. Nobody in it is real. Foreigners have a
-- Latvian spelling and, where another script is theirs, the original one (Greek, Cyrillic).
CREATE SCHEMA population;

CREATE TABLE population.person (
	person_code		text PRIMARY KEY,
	family_name		text NOT NULL,
	given_name		text NOT NULL,
	original_family_name text,
	original_given_name text,
	born			date NOT NULL,
	birthplace		text NOT NULL,
	secret			boolean NOT NULL DEFAULT false
);
CREATE TABLE population.birth (
	entry_number	text PRIMARY KEY,
	person_code		text NOT NULL REFERENCES population.person,
	entered			date NOT NULL,
	office			text NOT NULL,
	mother			text,
	father			text
);
CREATE TABLE population.residence (
	person_code		text NOT NULL REFERENCES population.person,
	since			date NOT NULL,
	street			text NOT NULL,
	house			text NOT NULL,
	city			text NOT NULL,
	postal_code		text NOT NULL,
	PRIMARY KEY (person_code, since)
);

-- Names: male/female, then both in the original script
CREATE TEMP TABLE family AS
SELECT p.origin, n.ordinal - 1 AS ordinal, split_part(n.names, '/', 1) AS male, split_part(n.names, '/', 2) AS female,
	   nullif(split_part(n.names, '/', 3), '') AS original_male, nullif(split_part(n.names, '/', 4), '') AS original_female
  FROM (VALUES
	('Latvian', 'Bērziņš/Bērziņa Kalniņš/Kalniņa Ozoliņš/Ozoliņa Jansons/Jansone Ozols/Ozola Liepiņš/Liepiņa Krūmiņš/Krūmiņa '
		'Balodis/Balode Eglītis/Eglīte Zariņš/Zariņa Pētersons/Pētersone Vītols/Vītola Kļaviņš/Kļaviņa Kārkliņš/Kārkliņa '
		'Vanags/Vanaga Šmits/Šmite Āboliņš/Āboliņa Dūmiņš/Dūmiņa Rozītis/Rozīte Sproģis/Sproģe Ķīsis/Ķīse Ļaksa/Ļaksa '
		'Ģēģeris/Ģēģere Žagars/Žagare Čakste/Čakste Ūdris/Ūdre Īvāns/Īvāne Ērglis/Ērgle Ņikulins/Ņikulina Bite/Bite '
		'Lācis/Lāce Priede/Priede Apinis/Apine Dzenis/Dzene Siliņš/Siliņa Grīnbergs/Grīnberga Zvirbulis/Zvirbule '
		'Mežiņš/Mežiņa Strazdiņš/Strazdiņa Auziņš/Auziņa Upītis/Upīte Skujiņš/Skujiņa Vilks/Vilka Jēkabsons/Jēkabsone '
		'Štāls/Štāle Puķītis/Puķīte Gailītis/Gailīte Krastiņš/Krastiņa Lapiņš/Lapiņa Celmiņš/Celmiņa Freimanis/Freimane '
		'Blūms/Blūma Sērmūkslis/Sērmūksle Kļava/Kļava Pūce/Pūce Cīrulis/Cīrule Dārziņš/Dārziņa Irbe/Irbe Jērāns/Jērāne'),
	('Slavic', 'Ivanovs/Ivanova/Иванов/Иванова Petrovs/Petrova/Петров/Петрова Ševčenko/Ševčenko/Шевченко/Шевченко '
		'Kuzņecovs/Kuzņecova/Кузнецов/Кузнецова Sokolovs/Sokolova/Соколов/Соколова Kovaļenko/Kovaļenko/Коваленко/Коваленко '
		'Žukovs/Žukova/Жуков/Жукова Ščerbakovs/Ščerbakova/Щербаков/Щербакова Bondarenko/Bondarenko/Бондаренко/Бондаренко'),
	('Lithuanian', 'Kazlauskas/Kazlauskienė Petrauskas/Petrauskaitė Žukauskas/Žukauskaitė Šimkus/Šimkutė Vaičiūnas/Vaičiūnaitė Jonaitis/Jonaitytė'),
	('Estonian', 'Tamm/Tamm Mägi/Mägi Põder/Põder Õunapuu/Õunapuu Kõiv/Kõiv Rüütel/Rüütel'),
	('Polish', 'Kowalski/Kowalska Wiśniewski/Wiśniewska Dąbrowski/Dąbrowska Woźniak/Woźniak Łukasik/Łukasik Żurawski/Żurawska Gołąb/Gołąb'),
	('German', 'Müller/Müller Schäfer/Schäfer Weiß/Weiß Köhler/Köhler Groß/Groß Jäger/Jäger'),
	('Nordic', 'Sørensen/Sørensen Åström/Åström Ødegård/Ødegård Sjögren/Sjögren Þórsson/Þórsdóttir Mäkinen/Mäkinen'),
	('Greek', 'Papadopuls/Papadopulu/Παπαδόπουλος/Παπαδοπούλου Georgiu/Georgiu/Γεωργίου/Γεωργίου '
		'Nikolaids/Nikolaidu/Νικολαΐδης/Νικολαΐδου Haralambu/Haralambu/Χαραλάμπους/Χαραλάμπους')
	) p(origin, list), LATERAL string_to_table(p.list, ' ') WITH ORDINALITY n(names, ordinal);

CREATE TEMP TABLE given AS
SELECT p.origin, p.sex, n.ordinal - 1 AS ordinal, split_part(n.names, '/', 1) AS name, nullif(split_part(n.names, '/', 2), '') AS original
  FROM (VALUES
	('Latvian', 0, 'Jānis Pēteris Andris Mārtiņš Kārlis Edgars Juris Aivars Artūrs Ģirts Rūdolfs Ēriks Žanis Krišjānis Ņikita Uldis '
		'Māris Gatis Roberts Jēkabs Raivis Dāvis Agnis Ojārs Visvaldis Gunārs Kaspars Toms Sandis Valdis Imants Staņislavs'),
	('Latvian', 1, 'Anna Marija Ilze Līga Inese Kristīne Zane Ieva Dace Baiba Māra Rūta Elīna Laima Ērika Ģertrūde Žanete Šarlote '
		'Ķersta Ūna Agnese Sanita Evija Austra Mirdza Vēsma Daiga Guna Santa Paula Ņina Čela'),
	('Slavic', 0, 'Dmitrijs/Дмитрий Sergejs/Сергей Jurijs/Юрий Aleksejs/Алексей Mihails/Михаил Andrijs/Андрій'),
	('Slavic', 1, 'Jūlija/Юлия Ksenija/Ксения Svetlana/Светлана Jeļena/Елена Oksana/Оксана Nadežda/Надежда'),
	('Lithuanian', 0, 'Jonas Žygimantas Šarūnas Giedrius Vytautas'), ('Lithuanian', 1, 'Ona Rūta Živilė Eglė Gražina'),
	('Estonian', 0, 'Jüri Tõnu Märt Ülo Raivo'), ('Estonian', 1, 'Külli Õie Märje Tiina Piret'),
	('Polish', 0, 'Michał Paweł Łukasz Wojciech Stanisław'), ('Polish', 1, 'Małgorzata Bożena Agnieszka Elżbieta Łucja'),
	('German', 0, 'Jürgen Günter Sören Björn Klaus'), ('German', 1, 'Bärbel Käthe Jördis Ursula Heike'),
	('Nordic', 0, 'Bjørn Åke Søren Øystein Jón'), ('Nordic', 1, 'Åsa Märta Bodil Ragnhild Sólveig'),
	('Greek', 0, 'Georgios/Γεώργιος Dimitrios/Δημήτριος Haralambs/Χαράλαμπος'), ('Greek', 1, 'Jeorgija/Γεωργία Helēna/Ελένη Sofija/Σοφία')
	) p(origin, sex, list), LATERAL string_to_table(p.list, ' ') WITH ORDINALITY n(names, ordinal);

CREATE TEMP TABLE place AS
SELECT ordinal - 1 AS ordinal, split_part(p, '/', 1) AS city, split_part(p, '/', 2) AS postal
  FROM string_to_table('Rīga/10 Daugavpils/54 Liepāja/34 Jelgava/30 Jūrmala/20 Ventspils/36 Rēzekne/46 Valmiera/42 Jēkabpils/52 '
	'Ogre/50 Cēsis/41 Kuldīga/33 Tukums/31 Alūksne/43 Krāslava/56 Ķegums/50', ' ') WITH ORDINALITY s(p, ordinal);
CREATE TEMP TABLE street AS
SELECT ordinal - 1 AS ordinal, name || ' iela' AS name
  FROM string_to_table('Brīvības Skolas Dārza Lāčplēša Ganību Jūras Kalēju Mežaparka Ezera Rūpniecības Saules Bērzu Ķiršu', ' ') WITH ORDINALITY s(name, ordinal);

-- Origins by hundredths, with the number of names there are
CREATE TEMP TABLE origin AS
SELECT o.*, (SELECT count(*) FROM family f WHERE f.origin = o.name) AS families,
	   (SELECT count(*) FROM given g WHERE g.origin = o.name AND g.sex = 0) AS givens
  FROM (VALUES ('Latvian', 0, 78), ('Slavic', 79, 86), ('Lithuanian', 87, 89), ('Estonian', 90, 91), ('Polish', 92, 94),
			   ('German', 95, 96), ('Nordic', 97, 98), ('Greek', 99, 99)) o(name, first, last);

-- The draw: 28 001 is a prime, so birth date and serial number together are unique.
CREATE TEMP TABLE draw AS
SELECT i, o.name AS origin, (i / 3) % 2 AS sex, DATE '1935-01-01' + i * 7919 % 28001 AS born, i / 28001 * 17 + 100 AS serial,
	   (i / 100 * 31 + i) % o.families AS family, (i * 17 + i / 53) % o.givens AS given,
	   CASE WHEN o.name = 'Latvian' AND i % 4 = 0 THEN (i * 5 + i / 7) % o.givens END AS second
  FROM generate_series(1, 99990) i JOIN origin o ON i * 37 % 100 BETWEEN o.first AND o.last;

CREATE TEMP TABLE drawn AS
SELECT d.i, to_char(d.born, 'DDMMYY-') || CASE WHEN d.born < '2000-01-01' THEN '1' ELSE '2' END || to_char(d.serial, 'FM0000') AS person_code,
	   CASE d.sex WHEN 0 THEN f.male ELSE f.female END AS family_name, g.name || coalesce(' ' || nullif(s.name, g.name), '') AS given_name,
	   CASE d.sex WHEN 0 THEN f.original_male ELSE f.original_female END AS original_family_name, g.original AS original_given_name,
	   d.born, p.city, f.male, f.female, d.origin
  FROM draw d
  JOIN family f ON f.origin = d.origin AND f.ordinal = d.family
  JOIN given g ON g.origin = d.origin AND g.sex = d.sex AND g.ordinal = d.given
  LEFT JOIN given s ON s.origin = d.origin AND s.sex = d.sex AND s.ordinal = d.second
  JOIN place p ON p.ordinal = d.i / 5 % 16;

INSERT INTO population.person
SELECT person_code, family_name, given_name, original_family_name, original_given_name, born, city FROM drawn;

-- every ninth was born before the entries were computerised, or abroad
INSERT INTO population.birth
SELECT to_char(d.born, 'YYYY') || '/' || to_char(d.i, 'FM000000'), d.person_code, d.born + d.i % 20 + 1, d.city || ', dzimtsarakstu nodaļa',
	   m.name || ' ' || d.female, f.name || ' ' || d.male
  FROM drawn d
  JOIN given m ON m.origin = d.origin AND m.sex = 1 AND m.ordinal = d.i % 3
  JOIN given f ON f.origin = d.origin AND f.sex = 0 AND f.ordinal = d.i / 2 % 3
 WHERE d.i % 9 <> 0;

INSERT INTO population.residence
SELECT d.person_code, greatest(d.born, DATE '2005-01-01' + d.i % 7000), s.name, (d.i % 150 + 1)::text || '-' || (d.i % 40 + 1), p.city,
	   'LV-' || p.postal || to_char(d.i % 100, 'FM00')
  FROM drawn d JOIN street s ON s.ordinal = d.i % 13 JOIN place p ON p.ordinal = d.i / 11 % 16;

-- The persons the scenarios are about
INSERT INTO population.person VALUES
	('020291-19001', 'Bērziņa', 'Anna Marija', NULL, NULL, '1991-02-02', 'Cēsis', false),
	('010190-19002', 'Ozoliņš', 'Jānis', NULL, NULL, '1990-01-01', 'Rīga', false),
	('030392-19003', 'Kalniņš', 'Pēteris', NULL, NULL, '1992-03-03', 'Liepāja', false),
	('030392-19004', 'Kalniņš', 'Pēteris', NULL, NULL, '1992-03-03', 'Ventspils', false),
	('040493-19005', 'Ķirsis', 'Aivars', NULL, NULL, '1993-04-04', 'Rīga', true),
	('170684-19006', 'Papadopuls', 'Georgios', 'Παπαδόπουλος', 'Γεώργιος', '1984-06-17', 'Rīga', false),
	('240895-19007', 'Ševčenko', 'Jūlija', 'Шевченко', 'Юлія', '1995-08-24', 'Daugavpils', false),
	('111188-19008', 'Grauds', 'Mārtiņš', NULL, NULL, '1988-11-11', 'Jelgava', false),
	('070779-19009', 'Müller', 'Jürgen', NULL, NULL, '1979-07-07', 'Ventspils', false),
	('291296-19010', 'Dąbrowska', 'Małgorzata', NULL, NULL, '1996-12-29', 'Krāslava', false);
INSERT INTO population.birth
SELECT to_char(born, 'YYYY') || '/9' || right(person_code, 5), person_code, born + 9, birthplace || ', dzimtsarakstu nodaļa',
	   'Marija ' || family_name, NULL
  FROM population.person WHERE person_code LIKE '%-190__';
INSERT INTO population.residence
SELECT person_code, '2019-05-01', 'Brīvības iela', '55-' || right(person_code, 1), birthplace, 'LV-1010'
  FROM population.person WHERE person_code LIKE '%-190__';

CREATE INDEX birth_person ON population.birth (person_code);
-- what makes matching a look-up: the birth date and the coarse key of the family name
CREATE INDEX person_match ON population.person (born, ootspg.name_key(family_name));
CREATE INDEX person_match_original ON population.person (born, ootspg.name_key(original_family_name)) WHERE original_family_name IS NOT NULL;
ANALYZE population.person, population.birth, population.residence;
