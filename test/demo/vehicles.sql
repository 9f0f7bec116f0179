-- Vehicle register: 60 000 vehicles, up to a handful per owner. Owners are known by their
-- person code; the register has no names of its own.
CREATE SCHEMA vehicles;

CREATE TABLE vehicles.vehicle (
	plate			text PRIMARY KEY,
	owner_code		text NOT NULL,
	vin				text NOT NULL,
	make			text NOT NULL,
	model			text NOT NULL,
	fuel			text NOT NULL,
	mass_kg			integer NOT NULL,
	first_registered date NOT NULL,
	inspected_until	date NOT NULL
);

INSERT INTO vehicles.vehicle
WITH owner AS (
	SELECT person_code, row_number() OVER (ORDER BY person_code) - 1 AS ordinal
	  FROM population.person WHERE person_code NOT LIKE '%-190__' AND born < '2008-01-01'
), make AS (
	SELECT n.ordinal - 1 AS ordinal, split_part(n.car, '/', 1) AS make, replace(split_part(n.car, '/', 2), '_', ' ') AS model
	  FROM string_to_table('Škoda/Octavia Volkswagen/Golf Volvo/V60 Toyota/Corolla Renault/Mégane Citroën/C4 BMW/320d Audi/A4 Opel/Astra '
		'Peugeot/308 Kia/Ceed Ford/Focus Dacia/Duster', ' ') WITH ORDINALITY n(car, ordinal)
)
SELECT chr(65 + v / 10000) || chr(65 + v / 400 % 25) || '-' || to_char(v % 10000, 'FM0000'), o.person_code,
	   'YV1' || translate(lpad(to_hex(v::bigint * 48271 % 2147483647), 8, '0'), 'o', '0') || to_char(v, 'FM000000'), m.make, m.model,
	   (ARRAY['benzīns', 'dīzeļdegviela', 'elektrība', 'benzīns un elektrība'])[v % 4 + 1], 1100 + v % 90 * 10,
	   DATE '2006-01-01' + v % 7000, DATE '2027-01-01' + v % 700
  FROM generate_series(0, 59996) v
  JOIN owner o ON o.ordinal = (v::bigint * v % 40009)
  JOIN make m ON m.ordinal = v % 13;

INSERT INTO vehicles.vehicle VALUES
	('ZA-1001', '020291-19001', 'YV1A0000000900101', 'Volvo', 'V60', 'dīzeļdegviela', 1742, '2019-04-12', '2027-04-30'),
	('ZA-1002', '020291-19001', 'TMB00000000900102', 'Škoda', 'Octavia', 'benzīns', 1310, '2015-09-01', '2027-02-28'),
	('ZA-1003', '020291-19001', 'VF100000000900103', 'Renault', 'Zoé', 'elektrība', 1502, '2023-06-20', '2028-06-30');

CREATE INDEX vehicle_owner ON vehicles.vehicle (owner_code);
ANALYZE vehicles.vehicle;
